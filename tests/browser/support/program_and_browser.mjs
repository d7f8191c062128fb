// The real program and a browser, for all tests of a file: started before the first, stopped after the last.
import {after, before} from 'node:test';
import {launch} from './browser.mjs';
import {serve} from './serve.mjs';

// What it answers has its values once the first test runs.
export function programAndBrowser() {
  const running = {};
  before(async () => {
    running.browser = await launch();
    running.server = await serve();
  });
  after(async () => {
    await running.browser?.close();
    await running.server?.stop();
  });
  return running;
}
