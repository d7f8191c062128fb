// Concern: what a reader of a chart sees of what the endpoint says, in a real browser under the policy that the
// endpoint sends. The endpoint is a fake; live_test.mjs has the real one.
import assert from 'node:assert/strict';
import {readFile} from 'node:fs/promises';
import {after, before, describe, test} from 'node:test';
import {launch, openPage} from './support/browser.mjs';
import {drawnValues, rangeOf, untilDrawn, untilLine, zoomIn} from './support/chart.mjs';
import {FakeEndpoint, plotOf} from './support/fake_endpoint.mjs';

const kEvil = '<img src=x onerror="globalThis.hacked=1">';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

// Runs `scenario` on the page at `path` of an endpoint with these plots. Fails when the page complains.
async function visit(plots, path, scenario, {brokenConnection = false, ownClock = false, ...options} = {}) {
  const endpoint = await FakeEndpoint.start(plots);
  const visitor = await openPage(browser, options);
  try {
    if (ownClock) await visitor.page.clock.install();
    await visitor.page.goto(endpoint.url + path);
    await scenario(visitor.page, endpoint);
    await visitor.close({brokenConnection});
  } finally {
    await visitor.page.context().close();
    await endpoint.close();
  }
}

async function download(page, button) {
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', {name: button}).click()]);
  return {name: file.suggestedFilename(), content: await readFile(await file.path())};
}

function seconds(...list) {
  return list.map(second => `2026-11-23 16:40:${String(second).padStart(2, '0')}.000`);
}

describe('the chart', () => {
  test('draws the window and then the points that arrive', () => visit({1: plotOf([1, 2, 3], [10, 20, 30])}, '/plots/1',
    async (page, endpoint) => {
      await untilDrawn(page, [10, 20, 30]);
      await untilLine(page, {pieces: 1, corners: 2});
      endpoint.points([4, 5], [10, 50]);
      endpoint.points([6], [60]);
      await untilDrawn(page, [10, 20, 30, 10, 50, 60]);
      await untilLine(page, {pieces: 1, corners: 5});
    }));

  test('keeps the newest max_points', () => visit({1: plotOf([1, 2, 3], [10, 20, 30], {maxPoints: 3})}, '/plots/1',
    async (page, endpoint) => {
      await untilDrawn(page, [10, 20, 30]);
      endpoint.points([4, 5], [40, 50]);
      await untilDrawn(page, [30, 40, 50]);
    }));

  test('shows a missing value as a gap', () => visit({1: plotOf([1, 2], [10, 20])}, '/plots/1',
    async (page, endpoint) => {
      await untilDrawn(page, [10, 20]);
      await untilLine(page, {pieces: 1, corners: 2});
      endpoint.points([3, 4, 5], [null, 30, 40]);
      await untilDrawn(page, [10, 20, null, 30, 40]);
      await untilLine(page, {pieces: 2, corners: 4});
    }));

  test('takes replaced columns, new columns and a new style', () => visit({1: plotOf([1, 2], [10, 20])}, '/plots/1',
    async (page, endpoint) => {
      await untilDrawn(page, [10, 20]);
      endpoint.send('points', {traces: {0: {replace: {x: [1, 2, 3], y: [7, 8, 9]}, style: {mode: 'lines+markers'}}},
                               layout: {yaxis: {title: {text: 'bar'}}}});
      await untilDrawn(page, [7, 8, 9]);
      endpoint.send('points', {traces: {0: {append: {x: [4], y: [10], 'marker.color': ['#ff0000']}}}});
      await untilDrawn(page, [7, 8, 9, 10]);
      const drawn = await page.evaluate(() => {
        const {data, layout} = document.querySelector('.chart');
        return {mode: data[0].mode, colours: data[0].marker.color, title: layout.yaxis.title.text};
      });
      assert.deepEqual(drawn, {mode: 'lines+markers', colours: [null, null, null, '#ff0000'], title: 'bar'});
    }));

  test('is not drawn while nobody looks, and shows everything when somebody does', () => visit(
    {1: plotOf([1], [10])}, '/plots/1', async (page, endpoint) => {
      await untilDrawn(page, [10]);
      const look = hidden => page.evaluate(value => {
        Object.defineProperty(document, 'hidden', {configurable: true, value});
        document.dispatchEvent(new Event('visibilitychange'));
      }, hidden);
      await look(true);
      endpoint.points([2], [20]);
      endpoint.send('status', {traces: [{state: 'quiet', last: '20', age_ms: 1, lines: 2, rate: 0, evictions: 0}]});
      await page.getByText('quiet', {exact: true}).waitFor();
      assert.deepEqual(await drawnValues(page), [10]);
      await look(false);
      await untilDrawn(page, [10, 20]);
    }));
});

describe('the reader', () => {
  test('pauses, is told how many points wait, and goes on without a loss', () => visit({1: plotOf([1], [10])},
    '/plots/1', async (page, endpoint) => {
      await untilDrawn(page, [10]);
      await page.getByRole('button', {name: 'Pause'}).click();
      endpoint.points([2, 3], [20, 30]);
      endpoint.points([4], [40]);
      await page.getByText('3 new points').waitFor();
      assert.deepEqual(await drawnValues(page), [10]);
      await page.getByRole('button', {name: 'Resume'}).click();
      await untilDrawn(page, [10, 20, 30, 40]);
      assert.equal(await page.getByText('new points').count(), 0);
    }));

  test('keeps the zoom while points arrive, and gets back', () => visit({1: plotOf([0, 1, 2, 3], [0, 10, 20, 30])},
    '/plots/1', async (page, endpoint) => {
      await untilDrawn(page, [0, 10, 20, 30]);
      await zoomIn(page);
      await page.getByRole('button', {name: 'Reset zoom'}).waitFor();
      const zoomed = [await rangeOf(page, 'xaxis'), await rangeOf(page, 'yaxis')];
      assert.ok(zoomed[0][1] - zoomed[0][0] < 2);
      endpoint.points([4], [400]);
      endpoint.send('points', {layout: {title: {text: 'Makes it draw anew'}}});
      await page.locator('.chart .gtitle', {hasText: 'Makes it draw anew'}).waitFor();
      assert.deepEqual([await rangeOf(page, 'xaxis'), await rangeOf(page, 'yaxis')], zoomed);
      await page.getByRole('button', {name: 'Reset zoom'}).click();
      await page.waitForFunction(() => document.querySelector('.chart').layout.yaxis.range[1] > 300);
    }));

  test('sees the newest 30 s on request', () => visit({1: plotOf(seconds(0, 10, 20, 50), [1, 2, 3, 4])}, '/plots/1',
    async (page, endpoint) => {
      await untilDrawn(page, [1, 2, 3, 4]);
      await page.getByLabel('Window').selectOption('30 s');
      await untilDrawn(page, [2, 3, 4]);  // from the last point before, so that the line enters from the left
      assert.deepEqual(await rangeOf(page, 'xaxis'), ['2026-11-23 16:40:20.000', '2026-11-23 16:40:50.000']);
      endpoint.points(seconds(55), [5]);
      await untilDrawn(page, [3, 4, 5]);
      assert.equal((await rangeOf(page, 'xaxis'))[1], '2026-11-23 16:40:55.000');
      await page.getByLabel('Window').selectOption('All');
      await untilDrawn(page, [1, 2, 3, 4, 5]);
    }));

  test('is not offered a window when x is not a time', () => visit({1: plotOf([1, 2], [1, 2])}, '/plots/1',
    async page => {
      await untilDrawn(page, [1, 2]);
      assert.ok(await page.getByLabel('Window').isDisabled());
    }));

  test('saves the data as CSV, with gaps, quotes and no formulas', () => visit({1: plotOf(
    ['a,b', '=1+1', 'say "x"', '-5'], [1.5, null, -2, 3], {trace: 'boiler'})}, '/plots/1', async page => {
      await untilDrawn(page, [1.5, null, -2, 3]);
      const {name, content} = await download(page, 'Save the data as CSV');
      assert.match(name, /^boiler-room-.*\.csv$/);
      assert.equal(content.toString(),
        'trace,x,y\r\nboiler,"a,b",1.5\r\nboiler,\'=1+1,\r\nboiler,"say ""x""",-2\r\nboiler,-5,3\r\n');
    }));

  test('saves the chart as PNG', () => visit({1: plotOf([1, 2], [1, 2])}, '/plots/1', async page => {
    await untilDrawn(page, [1, 2]);
    const {name, content} = await download(page, 'Save the chart as PNG');
    assert.match(name, /^boiler-room-.*\.png$/);
    assert.equal(content.subarray(1, 4).toString(), 'PNG');
    assert.ok(content.length > 5000, `${content.length} bytes are no chart`);
  }));

  test('reads state, last value, age, rate, lines and evictions of each trace', () => visit({1: plotOf([1], [1])},
    '/plots/1', async (page, endpoint) => {
      await untilDrawn(page, [1]);
      endpoint.send('status', {traces: [
        {state: 'quiet', last: '82.50', age_ms: 12345, lines: 1234567, rate: 19.96, evictions: 3}]});
      await page.getByText('1,234,567').waitFor();
      const cells = await page.locator('tbody td').allTextContents();
      assert.deepEqual(cells, ['quiet', 'boilerboiler.temperature', '82.50', '12 s', '20.0 /s', '1,234,567', '3']);
    }));
});

describe('the connection', () => {
  test('is opened anew when the endpoint turned it away', () => visit({1: plotOf([1], [10])}, '/plots/1',
    async (page, endpoint) => {
      await untilDrawn(page, [10]);
      endpoint.points([2], [20]);
      await untilDrawn(page, [10, 20]);
      endpoint.refuse = 1;
      endpoint.plots[1].window.traces[0].columns = {x: [1, 2, 3], y: [10, 20, 30]};
      endpoint.dropReaders();
      await page.getByRole('alert').getByText('Connection lost').waitFor();
      await untilDrawn(page, [10, 20, 30]);
      await page.getByRole('alert').waitFor({state: 'hidden'});
      assert.deepEqual(endpoint.opened.map(reader => reader.lastEventId), [null, '1', null]);
    }, {brokenConnection: true}));

  test('is opened anew when nothing was heard for long, though it is not closed', () => visit({1: plotOf([1], [10])},
    '/plots/1', async (page, endpoint) => {
      await page.getByText('Live', {exact: true}).waitFor();
      endpoint.plots[1].window.traces[0].columns = {x: [1, 2], y: [10, 20]};
      await page.clock.fastForward(15000);
      await page.getByRole('alert').getByText('Connection lost').waitFor();
      await page.clock.fastForward(2000);
      await page.getByText('Live', {exact: true}).waitFor();
      await untilDrawn(page, [10, 20]);
      assert.equal(endpoint.opened.length, 2);
    }, {ownClock: true}));

  test('resumes with Last-Event-ID instead of asking for everything again', () => visit({1: plotOf([1], [10])},
    '/plots/1', async (page, endpoint) => {
      await untilDrawn(page, [10]);
      endpoint.points([2], [20]);
      await untilDrawn(page, [10, 20]);
      endpoint.plots[1].window = {traces: [], layout: {}};  // a second window would clear the chart
      endpoint.dropReaders();
      endpoint.points([3], [30]);
      await untilDrawn(page, [10, 20, 30]);
      assert.deepEqual(endpoint.opened, [{plot: 1, lastEventId: null}, {plot: 1, lastEventId: '1'}]);
      await page.getByRole('alert').waitFor({state: 'hidden'});
    }, {brokenConnection: true}));

  test('shows the new window when the endpoint has forgotten', () => visit({1: plotOf([1], [10])}, '/plots/1',
    async (page, endpoint) => {
      await untilDrawn(page, [10]);
      endpoint.canResume = false;
      endpoint.plots[1].window.traces[0].columns = {x: [7], y: [70]};
      endpoint.dropReaders();
      await untilDrawn(page, [70]);
    }, {brokenConnection: true}));

  test('says that the plot is gone', () => visit({1: plotOf([1], [10])}, '/plots/1', async (page, endpoint) => {
    await untilDrawn(page, [10]);
    endpoint.send('gone', {});
    await page.getByRole('alert').getByText('This plot was removed').waitFor();
    assert.deepEqual(await drawnValues(page), [10]);
  }));

  test('says that there is no such plot', () => visit({}, '/plots/7', async page => {
    await page.getByRole('alert').getByText('There is no plot 7').waitFor();
  }, {brokenConnection: true}));
});

describe('texts from data', () => {
  test('are never markup', () => visit({1: {
    ...plotOf([1], [1], {name: kEvil, trace: kEvil, layout: {title: {text: `${kEvil} title`}}}),
    status: [{last: JSON.stringify(kEvil)}],
  }}, '/plots/1', async page => {
    await untilDrawn(page, [1]);
    await page.getByRole('heading', {name: kEvil}).waitFor();
    assert.equal(await page.locator('main img').count(), 0);
    await page.goto(new URL('/', page.url()).href);
    await page.getByRole('link', {name: kEvil}).waitFor();
    assert.equal(await page.locator('main img').count(), 0);
    assert.equal(await page.evaluate(() => globalThis.hacked), undefined);
  }));

  test('make no links in the chart', () => {
    const link = '<a href="https://example.com/">click</a>';
    const plot = plotOf([1, 2], [1, 2], {
      trace: link, style: {mode: 'markers+text', showlegend: true},
      layout: {title: {text: link}, xaxis: {title: {text: link}}},
    });
    plot.window.traces[0].columns.text = [link, 'plain'];
    return visit({1: plot}, '/plots/1', async page => {
      await untilDrawn(page, [1, 2]);
      await page.locator('.chart .gtitle', {hasText: 'click'}).waitFor();
      assert.equal(await page.locator('.chart a').count(), 0);
    });
  });
});

describe('a plot without points', () => {
  test('shows a command that would feed it, and the chart when it did', () => visit({1: plotOf([], [])}, '/plots/1',
    async (page, endpoint) => {
      const command = await page.locator('pre').textContent();
      assert.ok(command.includes("-H 'plotly-streamtoken: YOUR_TOKEN'"), command);
      assert.ok(command.endsWith(` ${endpoint.url}/`), command);
      await page.getByRole('button', {name: 'Copy'}).click();
      await page.getByRole('button', {name: 'Copied'}).waitFor();
      assert.equal(await page.evaluate(() => navigator.clipboard.readText()), command);
      endpoint.points([1], [10]);
      await untilDrawn(page, [10]);
      assert.ok(await page.locator('pre').isHidden());
    }, {permissions: ['clipboard-read', 'clipboard-write']}));
});

describe('the list', () => {
  const plots = () => ({
    1: {...plotOf([1], [1]), status: [{state: 'closed', last: '"TRIPPED"', evictions: 2}]},
    2: plotOf([1], [1], {name: 'Pump house', trace: 'pump'}),
  });

  test('shows every plot with the state of its streams, refreshed', () => visit(plots(), '/',
    async (page, endpoint) => {
      await page.getByText('2 plots · 1 live · 1 closed').waitFor();
      const row = page.getByRole('row', {name: 'Boiler room'});
      assert.deepEqual(await row.getByRole('cell').allTextContents(),
                       ['closed', 'boilerboiler.temperature', 'TRIPPED', '120 ms', '9.8 /s', '4,711', '2']);
      endpoint.plots[1].status = [{state: 'live', last: '17'}];
      delete endpoint.plots[2];
      endpoint.plots[3] = plotOf([1], [1], {name: 'Yard'});
      await page.getByText('2 plots · 2 live').waitFor();
      assert.deepEqual(await page.getByRole('rowheader').allTextContents(), ['Boiler room', 'Yard']);
      await page.getByRole('link', {name: 'Boiler room'}).click();
      await untilDrawn(page, [1]);
    }));

  test('is put together from its parts', () => visit(
    {1: plotOf([1], [1], {name: 'One'}), 2: plotOf([1], [1], {name: 'Two'}), 3: plotOf([1], [1], {name: 'Three'})}, '/',
    async (page, endpoint) => {
      await page.getByRole('link', {name: 'Three'}).waitFor();
      endpoint.listed = 1;
      const asked = endpoint.listAsked;
      await page.waitForFunction(() => document.querySelector('.summary').textContent.startsWith('3 plots'));
      while (endpoint.listAsked < asked + 3) await page.waitForTimeout(50);
      for (const name of ['One', 'Two', 'Three']) assert.ok(await page.getByRole('link', {name}).isVisible());
    }));

  test('finds plots by name', () => visit(plots(), '/', async page => {
    await page.getByLabel('Find').fill('pump');
    await page.getByRole('link', {name: 'Boiler room'}).waitFor({state: 'hidden'});
    assert.ok(await page.getByRole('link', {name: 'Pump house'}).isVisible());
  }));

  test('tells how to begin when there are no plots', () => visit({}, '/', async page => {
    await page.getByText('No plots yet').waitFor();
    assert.match(await page.locator('pre').textContent(), /curl -N -X POST/);
  }));

  test('says so when the endpoint does not answer, and goes on when it does', () => visit(plots(), '/',
    async (page, endpoint) => {
      await page.getByText('2 plots').waitFor();
      await page.route('**/api/plots', route => route.abort());
      await page.getByRole('alert').getByText('No answer from the endpoint').waitFor();
      await page.unroute('**/api/plots');
      await page.getByRole('alert').waitFor({state: 'hidden'});
      assert.ok(endpoint.listAsked >= 2);
    }, {brokenConnection: true}));
});
