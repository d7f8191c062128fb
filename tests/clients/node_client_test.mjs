// Concern: Plotly's own client for Node makes a plot at the endpoint, streams into it and is told of the end, unchanged but
// for the host. It makes plots over https only and streams over http only: the endpoint's two ports.
// PLOTBRIDGE names the program, PLOTBRIDGE_CLIENT_MODULES the folder with the client.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {serve} from '../browser/support/serve.mjs';

const Plotly = createRequire(`${process.env.PLOTBRIDGE_CLIENT_MODULES}/`)('plotly');

let endpoint;
let folder;

before(async () => {
  // The client knows no way to trust a private authority.
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
  folder = mkdtempSync(join(tmpdir(), 'plotbridge-'));
  const [key, cert] = ['key.pem', 'cert.pem'].map(name => join(folder, name));
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes',
                           '-subj', '/CN=localhost', '-days', '2', '-keyout', key, '-out', cert], {stdio: 'ignore'});
  const config = join(folder, 'serve.yaml');
  writeFileSync(config, 'version: 1\nserver:\n  listen: 127.0.0.1:0\n' +
                        '  tls: {listen: "127.0.0.1:0", cert: cert.pem, key: key.pem}\n');
  endpoint = await serve(['-c', config]);
});

after(async () => {
  await endpoint?.stop();
  if (folder) rmSync(folder, {recursive: true});
});

function client() {
  return new Plotly({username: 'plant', apiKey: 'apikey1234', host: '127.0.0.1', port: new URL(endpoint.tlsUrl).port});
}

function plot(plotly, data, options) {
  return new Promise((resolve, reject) => {
    plotly.plot(data, options, (error, made) => (error ? reject(error) : resolve(made)));
  });
}

async function figure(url) {
  const id = url.split('/').pop();
  return (await (await fetch(`${endpoint.url}/apigetfile/plant/${id}`)).json()).payload.figure;
}

test('the client makes a plot, streams into it and is told of the end', async () => {
  const plotly = client();
  const trace = {x: [], y: [], type: 'scatter', name: 'café & co', stream: {token: 'abcdefghij', maxpoints: 200}};
  const made = await plot(plotly, [trace], {filename: 'vec', fileopt: 'overwrite', layout: {title: 't'}});
  assert.equal(made.streamstatus, 'All Streams Go!');
  assert.equal(plotly.streamHost, '127.0.0.1');
  const told = new Promise((resolve, reject) => {
    const stream = plotly.stream({token: 'abcdefghij', port: new URL(endpoint.url).port}, (error, end) => {
      if (error) reject(error);
      else resolve(end);
    });
    for (let i = 0; i < 100; ++i) stream.write(`${JSON.stringify({x: i, y: i * i, text: 'é'})}\n`);
    stream.write('\n');
    stream.end();
  });
  assert.deepEqual(await told, {msg: 'healthy endpoint disconnect', statusCode: 200});
  const {data, layout} = await figure(made.url);
  assert.equal(data[0].name, 'café & co');
  assert.deepEqual(data[0].y, Array.from({length: 100}, (_, i) => i * i));
  assert.equal(layout.title, 't');
});

test('the client is told what is wrong', async () => {
  const stream = told => client().stream({token: 'klmnopqrst', streamHost: '127.0.0.1', port: new URL(endpoint.url).port}, told);
  const error = await new Promise(resolve => stream(resolve).write('no json\n'));
  assert.equal(error.statusCode, 422);
});
