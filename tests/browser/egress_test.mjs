// Concern: nothing leaves the page but to its own endpoint, and no chart leads anywhere, whatever a figure says and
// whatever the reader clicks. The endpoint is the real program. PLOTBRIDGE names it.
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {openPage} from './support/browser.mjs';
import {programAndBrowser} from './support/program_and_browser.mjs';

const kEvil = 'https://evil.example';
const kLink = `a href='${kEvil}/x'`;
const kPicture = 'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

const running = programAndBrowser();

let tokens = 0;

// Sends the lines as a stream of their own; answers the address of its plot.
async function plotOf(...lines) {
  const token = `egress ${++tokens}`;
  const before = await plotIds();
  const answer = await fetch(`${running.server.url}/`, {
    method: 'POST', headers: {'plotly-streamtoken': token},
    body: lines.map(line => `${JSON.stringify(line)}\n`).join(''),
  });
  assert.equal(answer.status, 200);
  return `${running.server.url}/plots/${(await plotIds()).find(id => !before.includes(id))}`;
}

async function plotIds() {
  const {plots} = await (await fetch(`${running.server.url}/api/plots`)).json();
  return plots.map(plot => plot.id);
}

// Opens the plot, does what `scenario` says, and fails if anything went, or would lead, elsewhere.
async function visit(url, scenario = async () => {}) {
  const visitor = await openPage(running.browser);
  const {page} = visitor;
  const foreign = [];
  const note = request => new URL(request.url()).host === new URL(running.server.url).host ||
      /^(data|blob|about):/.test(request.url()) || foreign.push(request.url());
  page.context().on('request', note);
  page.context().on('page', popup => foreign.push(`opened ${popup.url()}`));
  await page.goto(url);
  await page.locator('.chart .plot-container').waitFor();
  await scenario(page);
  assert.deepEqual(await linksOf(page), []);
  assert.equal(page.url(), url);
  assert.deepEqual(foreign, []);
  await visitor.page.context().close();
}

function linksOf(page) {
  return page.evaluate(() => [...document.querySelectorAll('svg a, .chart a')].filter(
      link => link.getAttribute('xlink:href') ?? link.getAttribute('href') ?? link.getAttribute('onclick')).map(
      link => link.outerHTML));
}

// Every point is hovered over and clicked, and everything of the chart that may be a link.
async function tryEverything(page) {
  const box = await page.locator('.chart .nsewdrag').first().boundingBox();
  for (let step = 0; step <= 20; ++step) {
    await page.mouse.move(box.x + box.width * step / 20, box.y + box.height * (20 - step) / 20);
    await page.evaluate(() => new Promise(done => requestAnimationFrame(() => setTimeout(done, 0))));
    assert.deepEqual(await linksOf(page), []);
    if (step % 5 === 0) await page.mouse.click(box.x + box.width * step / 20, box.y + box.height * (20 - step) / 20);
  }
  await page.evaluate(() => {
    for (const part of document.querySelectorAll('.chart text, .chart a')) {
      part.dispatchEvent(new MouseEvent('click', {bubbles: true, cancelable: true}));
    }
  });
}

const kPoints = [{x: 1, y: 1}, {x: 2, y: 2}, {x: 3, y: 3}];

describe('a link does not come about', () => {
  const withData = extra => kPoints.map(point => ({...point, ...extra}));
  const inLayout = layout => [...kPoints, {layout}];
  const html = `<${kLink}>Sign in</a>`;
  const cases = {
    'by a template of texts': withData({mode: 'markers+text', customdata: kLink, texttemplate: '<%{customdata}>Sign in'}),
    'by a template in two halves': withData({
      mode: 'markers+text', customdata: `${kLink}>Sign in`, meta: ['<'], texttemplate: '%{meta[0]}%{customdata}',
    }),
    'by a template of the hover label': withData({customdata: kLink, hovertemplate: '<%{customdata}>Sign in<extra></extra>'}),
    'by the extra of a hover label': withData({meta: ['<'], customdata: `${kLink}>y`, hovertemplate: '%{y}<extra>%{meta[0]}%{customdata}</extra>'}),
    'by a hover text': withData({hovertext: html, hoverinfo: 'text'}),
    'by meta in a title': inLayout({meta: ['<', `${kLink}>Session expired`], title: {text: '%{meta[0]}%{meta[1]}'}}),
    'by meta in the title of an axis': inLayout({meta: ['<', `${kLink}>x`], xaxis: {title: {text: '%{meta[0]}%{meta[1]}'}}}),
    'by meta in an annotation': inLayout({
      meta: ['<', `${kLink}>x`], annotations: [{x: 2, y: 2, text: '%{meta[0]}%{meta[1]}'}, {x: 1, y: 1, text: html}],
    }),
    'by the text of a tick': inLayout({xaxis: {tickvals: [1, 2], ticktext: [html, 'b']}}),
    'by what stands before and behind a tick': inLayout({xaxis: {tickprefix: '<', ticksuffix: `${kLink}>x`}}),
    'by a format of ticks': inLayout({xaxis: {type: 'date', tickformat: `<${kLink}>%H`}}),
    'by a name in the legend': [{meta: ['<', `${kLink}>x`], name: '%{meta[0]}%{meta[1]}', showlegend: true}, ...kPoints],
    'by a shape\'s label': inLayout({shapes: [{x0: 1, x1: 2, y0: 1, y1: 2, label: {texttemplate: '<%{x0}', text: html}}]}),
    'by a slider': inLayout({sliders: [{currentvalue: {prefix: '<'}, steps: [{label: `${kLink}>x`, method: 'skip'}, {label: html, method: 'skip'}]}]}),
    'by a menu': inLayout({updatemenus: [{buttons: [
      {label: html, method: 'relayout', args: [{'title.text': '%{meta[0]}%{meta[1]}', meta: ['<', `${kLink}>x`]}]},
    ]}]}),
  };
  for (const [name, lines] of Object.entries(cases)) {
    test(name, async () => visit(await plotOf(...lines), tryEverything));
  }

  test('by a menu that is used', async () => visit(await plotOf(...kPoints, {layout: {
    meta: ['<', `${kLink}>x`],
    updatemenus: [{type: 'buttons', buttons: [{label: 'Go', method: 'relayout', args: [{'title.text': '%{meta[0]}%{meta[1]}'}]}]}],
  }}), async page => {
    await page.locator('.updatemenu-button').first().click();
    await page.locator('.chart .gtitle a').waitFor({state: 'attached'});
    await tryEverything(page);
  }));
});

describe('nothing is fetched from elsewhere', () => {
  test('by a picture', async () => visit(await plotOf(...kPoints, {layout: {
    images: [{source: `${kEvil}/picture.png`, x: 0, y: 1, sizex: 1, sizey: 1}, {source: kPicture, x: 0, y: 1, sizex: 1, sizey: 1}],
    template: {layout: {images: [{source: `${kEvil}/template.png`}], imagedefaults: {source: `${kEvil}/default.png`}}},
  }}), tryEverything));

  test('by a menu that is used', async () => visit(await plotOf(...kPoints, {layout: {
    images: [{source: kPicture, x: 0, y: 1, sizex: 1, sizey: 1}],
    updatemenus: [{type: 'buttons', buttons: [
      {label: 'Go', method: 'relayout', args: [{'images[0].source': `${kEvil}/picture.png`}]},
    ]}],
  }}), page => page.locator('.updatemenu-button').first().click()));
});

describe('every button of the chart', () => {
  async function clickAll(page) {
    const buttons = page.locator('.chart .modebar-btn');
    const count = await buttons.count();
    assert.ok(count > 0);
    for (let i = 0; i < count; ++i) {
      await page.locator('.chart').hover();
      await buttons.nth(i).click();
    }
    for (const name of ['Pause', 'Resume', 'CSV', 'PNG']) {
      await page.getByRole('button', {name}).first().click();
    }
    for (const entry of await page.locator('.chart .legendtoggle').all()) await entry.click();
    const titles = await buttons.evaluateAll(all => all.map(button => button.dataset.title ?? button.textContent));
    assert.ok(!titles.some(title => /cloud|share|studio|edit/i.test(title)), titles.join(', '));
  }

  test('stays here', async () => visit(await plotOf({showlegend: true}, ...kPoints), clickAll));

  test('stays here, also those that a figure asks for', async () => visit(await plotOf({showlegend: true}, ...kPoints, {layout: {
    modebar: {add: ['sendChartToCloud', 'sendDataToCloud', 'downloadJson', 'editInChartStudio', 'drawline', 'togglespikelines']},
    template: {layout: {modebar: {add: ['sendChartToCloud', 'downloadJson']}}},
  }}), clickAll));
});
