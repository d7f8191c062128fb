// A Chromium for the tests, and pages that remember everything they complained about.
// PLOTBRIDGE_BROWSER_MODULES names the folder in whose node_modules playwright-core lies, CHROMIUM the browser.
import assert from 'node:assert/strict';
import {createRequire} from 'node:module';
import {fileURLToPath} from 'node:url';

export const root = fileURLToPath(new URL('../../..', import.meta.url));
const modules = process.env.PLOTBRIDGE_BROWSER_MODULES ?? `${root}build/dev/tests/browser`;
const {chromium} = createRequire(`${modules}/`)('playwright-core');

const kArguments = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
];
// What Chromium itself reports while a test has the connection broken on purpose.
const kBrokenConnection = /^Failed to load resource: |net::ERR_/;

export function launch() {
  return chromium.launch({executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: kArguments});
}

// A page of its own, without anything from the tests before. `complaints` are errors of the console, uncaught ones, and
// violations of the content security policy.
export async function openPage(browser, options = {}) {
  const context = await browser.newContext({viewport: {width: 1280, height: 860}, acceptDownloads: true, ...options});
  context.setDefaultTimeout(15000);
  const page = await context.newPage();
  const complaints = [];
  page.on('console', message => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', error => complaints.push(String(error)));
  await page.addInitScript(() => document.addEventListener('securitypolicyviolation', event => console.error(
      `policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`)));
  return {
    page,
    async close({brokenConnection = false} = {}) {
      await context.close();
      const left = complaints.filter(text => !brokenConnection || !kBrokenConnection.test(text));
      assert.deepEqual(left, [], 'the page must not complain');
    },
  };
}
