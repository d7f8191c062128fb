// Concern: the whole way of a point, from a POST that streams to the chart of a real browser, through the real program.
// PLOTBRIDGE names the program.
import assert from 'node:assert/strict';
import {request} from 'node:http';
import {test} from 'node:test';
import {openPage} from './support/browser.mjs';
import {programAndBrowser} from './support/program_and_browser.mjs';

const kPatienceMs = 20000;

const running = programAndBrowser();

// An endless upload, as every client of the protocol makes one.
function openStream(url, token) {
  const headers = {'plotly-streamtoken': token, 'Transfer-Encoding': 'chunked'};
  const upload = request(`${url}/`, {method: 'POST', headers});
  const answer = new Promise((resolve, reject) => {
    upload.once('response', response => resolve(response.resume().statusCode));
    upload.once('error', reject);
  });
  answer.catch(() => {});
  return {
    write: (x, y) => upload.write(`${JSON.stringify({x, y})}\n`),
    end() {
      upload.end();
      return answer;
    },
  };
}

test('points of a stream arrive on its chart and in the table', async () => {
  const token = 'abcdefghij';
  const stream = openStream(running.server.url, token);
  stream.write(0, 100);
  const visitor = await openPage(running.browser);
  const {page} = visitor;
  await page.goto(`${running.server.url}/`);
  await page.getByRole('rowheader').getByRole('link').click();
  await page.waitForURL('**/plots/1');

  const untilPoints = count => page.waitForFunction(
      wanted => document.querySelector('.chart')?.data?.[0]?.y?.length === wanted, count, {timeout: kPatienceMs});
  await untilPoints(1);
  for (let x = 1; x < 20; ++x) stream.write(x, 100 + x * x);
  await untilPoints(20);
  await page.getByRole('cell', {name: '461', exact: true}).waitFor();
  await page.getByText('live', {exact: true}).waitFor();
  stream.write(20, 81.5);
  await untilPoints(21);
  await page.getByRole('cell', {name: '81.5', exact: true}).waitFor();
  assert.ok(!(await page.content()).includes(token), 'a token is a secret');

  assert.equal(await stream.end(), 200);
  await page.getByText('closed', {exact: true}).waitFor();
  await visitor.close();
});
