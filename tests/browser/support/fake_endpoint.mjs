// An endpoint that says what a test tells it to, in the words of docs/page_api.md, and remembers what it was asked.
import {readFile} from 'node:fs/promises';
import {createServer} from 'node:http';
import {extname} from 'node:path';
import {root} from './browser.mjs';

const kPolicy = "default-src 'self'; img-src 'self' data: blob:; style-src 'self' " +
    "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='; object-src 'none'; base-uri 'none'; form-action 'self'; " +
    "frame-ancestors 'none'";
const kTypes = {'.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml'};
const kPage = `${root}plugin/endpoint/page`;
const kBundle = process.env.PLOTBRIDGE_PLOTLY_BUNDLE ??
    `${root}build/dev/plugin/page/node_modules/plotly.js-basic-dist-min/plotly-basic.min.js`;

function fileOf(path) {
  if (path === '/' || /^\/plots\/\d+$/.test(path)) return `${kPage}/index.html`;
  if (path === '/plotly.js') return kBundle;
  return /^\/\w+\.(js|css|svg)$/.test(path) ? kPage + path : null;
}

const kStatus = {state: 'live', last: '81.5', age_ms: 120, lines: 4711, rate: 9.8, evictions: 0};

export class FakeEndpoint {
  // `plots` are the answers to /api/plots/ID without the id, with the events of a new reader: {window, status}.
  static async start(plots) {
    const endpoint = new FakeEndpoint(plots);
    await new Promise(resolve => endpoint.server.listen(endpoint.port, '127.0.0.1', resolve));
    endpoint.port = endpoint.server.address().port;
    endpoint.url = `http://127.0.0.1:${endpoint.port}`;
    return endpoint;
  }

  constructor(plots) {
    this.plots = plots;
    this.port = 0;
    this.readers = new Set();
    this.opened = [];  // what each reader of events said: {plot, lastEventId}
    this.listAsked = 0;
    this.listed = Infinity;  // how many plots the list gives at once
    this.sequence = 0;
    this.kept = [];  // events a reader may resume from
    this.canResume = true;
    this.refuse = 0;  // how many readers of events to turn away with 503
    this.server = createServer((request, response) => this.answer(request, response));
  }

  async answer(request, response) {
    const {pathname, searchParams} = new URL(request.url, 'http://localhost');
    const api = pathname.match(/^\/api\/plots(?:\/(\d+)(\/events)?)?$/);
    if (!api) {
      await this.sendFile(fileOf(pathname), response);
    } else if (api[2]) {
      this.openReader(Number(api[1]), request, response);
    } else if (api[1]) {
      const {name, layout, traces} = this.plots[api[1]] ?? {};
      if (traces) this.sendJson(response, 200, {id: Number(api[1]), name, layout, traces});
      else this.sendJson(response, 404, {error: 'there is no such plot'});
    } else {
      ++this.listAsked;
      const after = Number(searchParams.get('after') ?? 0);
      const left = Object.entries(this.plots).filter(([id]) => Number(id) > after);
      const part = left.slice(0, this.listed);
      this.sendJson(response, 200, {
        plots: part.map(([id, {name, traces, status}]) => ({
          id: Number(id), name,
          traces: traces.map((trace, i) => ({name: trace.name, stream: trace.stream, ...kStatus, ...status?.[i]})),
        })),
        next: left.length > part.length ? Number(part.at(-1)[0]) : undefined,
      });
    }
  }

  async sendFile(file, response) {
    const content = file && await readFile(file).catch(() => null);
    if (!content) {
      this.sendJson(response, 404, {error: 'not found'});
      return;
    }
    response.writeHead(200, {
      'Content-Type': `${kTypes[extname(file)]}; charset=utf-8`, 'Content-Security-Policy': kPolicy,
      'X-Content-Type-Options': 'nosniff',
    });
    response.end(content);
  }

  sendJson(response, status, body) {
    response.writeHead(status, {'Content-Type': 'application/json', 'Cache-Control': 'no-store'});
    response.end(JSON.stringify(body));
  }

  openReader(id, request, response) {
    const lastEventId = request.headers['last-event-id'] ?? null;
    this.opened.push({plot: id, lastEventId});
    if (this.refuse > 0) {
      --this.refuse;
      this.sendJson(response, 503, {error: 'restarting'});
      return;
    }
    response.writeHead(200, {'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store'});
    response.write('retry: 100\n\n');
    const plot = this.plots[id];
    if (lastEventId !== null && this.canResume) {
      for (const event of this.kept) {
        if (event.id > Number(lastEventId)) response.write(event.text);
      }
    } else {
      response.write(this.event('window', plot.window));
    }
    response.write(this.event('status', {traces: plot.traces.map((_, i) => ({...kStatus, ...plot.status?.[i]}))}));
    this.readers.add(response);
    request.on('close', () => this.readers.delete(response));
  }

  event(name, data) {
    return `event: ${name}\nid: ${this.sequence}\ndata: ${JSON.stringify(data)}\n\n`;
  }

  // To everybody who reads, and to who resumes later.
  send(name, data) {
    ++this.sequence;
    const text = this.event(name, data);
    if (name === 'points') this.kept.push({id: this.sequence, text});
    for (const reader of this.readers) reader.write(text);
  }

  points(x, y, trace = 0) {
    this.send('points', {traces: {[trace]: {append: {x, y}}}});
  }

  // The network goes away under every reader.
  dropReaders() {
    for (const reader of this.readers) reader.destroy();
  }

  close() {
    this.server.closeAllConnections();
    return new Promise(resolve => this.server.close(resolve));
  }
}

// A plot of one trace with these points.
export function plotOf(x, y, {name = 'Boiler room', trace = 'boiler', layout = {}, style = {}, maxPoints = 500} = {}) {
  const drawn = {type: 'scatter', mode: 'lines', name: trace, ...style};
  return {
    name, layout, traces: [{name: trace, stream: 'boiler.temperature', max_points: maxPoints, style: drawn}],
    window: {traces: [{columns: {x, y}, style: drawn}], layout},
  };
}
