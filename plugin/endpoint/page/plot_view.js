// The page "/plots/ID": the chart, its tools, and the table of its traces, fed by one EventSource.
import {Chart} from './chart.js';
import {element, setBanner, setLink, setText} from './dom.js';
import {DrawLoop} from './draw_loop.js';
import {EventFeed} from './event_feed.js';
import {csvOf, fileName, save} from './export.js';
import {feedHint} from './feed_hint.js';
import {formatCount} from './format.js';
import {onThemeChange, traceColours} from './theme.js';
import {TraceRow, traceHeadings} from './trace_rows.js';
import {WindowStore} from './window_store.js';

const kSpans = [['All', ''], ['30 s', '30000'], ['5 min', '300000'], ['1 h', '3600000']];
const kPatienceMs = 5000;
const kRetryMs = 2000;

function button(text, onclick, more = {}) {
  return element('button', {type: 'button', onclick, ...more}, text);
}

class PlotView {
  constructor(main, id) {
    this.id = id;
    this.store = new WindowStore();
    this.info = {name: '', traces: []};
    this.rows = [];
    this.paused = false;
    this.missed = 0;
    this.build(main);
    this.chart = new Chart(this.plot, () => this.zoomChanged());
    this.loop = new DrawLoop(() => this.draw());
    onThemeChange(() => this.colourMarks());
  }

  build(main) {
    this.title = element('h1', {}, '…');
    this.news = element('span', {class: 'news', role: 'status'});
    this.pauseButton = button('Pause', () => this.setPaused(!this.paused), {'aria-pressed': 'false'});
    this.zoomButton = button('Reset zoom', () => this.chart.resetZoom(), {hidden: true});
    this.span = element('select', {id: 'span', disabled: true, onchange: () => this.show()},
                        ...kSpans.map(([text, value]) => element('option', {value}, text)));
    this.csvButton = button('CSV', () => this.saveCsv(), {'aria-label': 'Save the data as CSV', disabled: true});
    this.pngButton = button('PNG', () => this.savePicture(), {'aria-label': 'Save the chart as PNG', disabled: true});
    this.plot = element('div', {class: 'chart', role: 'group'});
    this.hint = feedHint('No points yet');
    this.hint.hidden = true;
    this.loading = element('p', {class: 'loading'}, 'Loading…');
    this.body = element('tbody');
    main.append(
        element('div', {class: 'head'},
            element('nav', {'aria-label': 'Breadcrumb'}, element('a', {href: '/'}, 'Plots'),
                element('span', {'aria-hidden': 'true'}, ' /')),
            this.title,
            element('div', {class: 'tools', role: 'group', 'aria-label': 'Chart'},
                this.news, this.pauseButton, this.zoomButton,
                element('div', {class: 'field'}, element('label', {for: 'span'}, 'Window'), this.span),
                this.csvButton, this.pngButton)),
        element('div', {class: 'card stage'}, this.plot, this.hint, this.loading),
        element('div', {class: 'card scroll', tabindex: '0', role: 'region', 'aria-label': 'Traces'},
            element('table', {}, element('caption', {class: 'unseen'}, 'Traces of this plot'),
                element('thead', {}, element('tr', {}, ...traceHeadings())), this.body)));
  }

  async start() {
    let there;
    try {
      there = await this.askForPlot();
    } catch (error) {
      this.disconnected(error.message);
      setTimeout(() => this.start(), kRetryMs);
      return;
    }
    if (!there) {
      setText(this.title, 'No such plot');
      this.loading.hidden = true;
      this.end(`There is no plot ${this.id} at this endpoint.`);
      return;
    }
    this.feed = new EventFeed(`/api/plots/${this.id}/events`, {
      window: data => this.replaceAll(data),
      points: data => this.addPoints(data),
      status: data => this.rows.forEach((row, i) => data.traces[i] && row.update(data.traces[i])),
      gone: () => this.end('This plot was removed. What you see is the last of it.'),
      up: () => this.connected(),
      down: () => this.disconnected(),
    }, () => this.askForPlot());
  }

  // Answers false when there is no such plot; fails when there is no answer.
  async askForPlot() {
    const answer = await fetch(`/api/plots/${this.id}`, {signal: AbortSignal.timeout(kPatienceMs)});
    if (answer.status === 404) return false;
    if (!answer.ok) throw new Error(`the endpoint answered ${answer.status}`);
    this.info = await answer.json();
    document.title = `${this.info.name} · plotbridge`;
    setText(this.title, this.info.name);
    this.plot.setAttribute('aria-label', `Chart of ${this.info.name}; the last values are in the table below`);
    this.store.setLimits(this.info.traces.map(trace => trace.max_points));
    this.nameRows();
    return true;
  }

  nameRows() {
    const key = JSON.stringify(this.info.traces.map(({name, stream}) => [name, stream]));
    if (key === this.named) return;
    this.named = key;
    this.marks = this.info.traces.map(() => element('span', {class: 'mark', 'aria-hidden': 'true'}));
    this.rows = this.info.traces.map((trace, i) => new TraceRow(trace, this.marks[i]));
    this.body.replaceChildren(...this.rows.map(row => element('tr', {}, ...row.cells)));
    this.colourMarks();
  }

  replaceAll(data) {
    const known = this.store.traces.length;
    this.store.reset(data);
    // A plot that was made anew may have other traces.
    if (known > 0) this.askForPlot().catch(() => {});
    this.arrived(0);
  }

  addPoints(data) {
    this.arrived(this.store.add(data));
  }

  arrived(points) {
    const empty = this.store.empty;
    this.loading.hidden = true;
    this.hint.hidden = !empty;
    this.plot.hidden = empty;
    this.csvButton.disabled = this.pngButton.disabled = empty;
    this.span.disabled = this.store.newestTime() === null;
    this.span.title = this.span.disabled ? 'for charts over time' : '';
    if (!this.paused) {
      this.show();
      return;
    }
    this.missed += points;
    setText(this.news, `${formatCount(this.missed)} new ${this.missed === 1 ? 'point' : 'points'}`);
  }

  show() {
    if (!this.store.empty) this.loop.request();
  }

  async draw() {
    const span = this.span.value === '' ? null : Number(this.span.value);
    try {
      await this.chart.draw(this.store, span, this.info.name);
      this.colourMarks();
      this.setTrouble('');
    } catch (error) {
      this.chart.redrawAll();
      this.setTrouble(`The chart cannot be drawn: ${error.message}`);
    }
  }

  setPaused(paused) {
    this.paused = paused;
    this.missed = 0;
    setText(this.news, paused ? 'No new points' : '');
    setText(this.pauseButton, paused ? 'Resume' : 'Pause');
    this.pauseButton.setAttribute('aria-pressed', String(paused));
    if (!paused) this.show();
  }

  zoomChanged() {
    this.zoomButton.hidden = !this.chart.isZoomed;
    if (!this.paused) this.show();
  }

  // The colours that the chart gives its traces, beside their names.
  colourMarks() {
    const automatic = traceColours();
    this.marks?.forEach((mark, i) => {
      const style = this.store.traces[i]?.style ?? {};
      const chosen = [style.line?.color, style.marker?.color].find(colour => typeof colour === 'string');
      mark.style.backgroundColor = chosen ?? automatic[i % automatic.length];
    });
  }

  saveCsv() {
    save(csvOf(this.info.traces.map(trace => trace.name), this.store.columns()), `${fileName(this.info.name)}.csv`);
  }

  savePicture() {
    this.chart.savePicture(fileName(this.info.name))
        .catch(error => this.setTrouble(`The picture cannot be saved: ${error.message}`));
  }

  connected() {
    document.body.classList.remove('stale');
    this.lost = '';
    setLink('up', 'Live');
    this.tell();
  }

  disconnected(why = '') {
    document.body.classList.add('stale');
    const since = this.lost || new Date().toLocaleTimeString();
    this.lost = since;
    setLink('down', 'Reconnecting');
    this.tell(why);
  }

  end(text) {
    document.body.classList.add('stale');
    this.ended = text;
    setLink('down', 'Ended');
    this.tell();
  }

  setTrouble(text) {
    this.trouble = text;
    this.tell();
  }

  // The one thing that matters most.
  tell(why = '') {
    const lost = this.lost && `Connection lost at ${this.lost}${why && ` (${why})`}. Trying again…`;
    setBanner(this.ended || lost || this.trouble || '');
  }
}

export function showPlot(main, id) {
  new PlotView(main, id).start();
}
