// The row of a trace, the same in the list of plots and below a chart: state, name, last value, age, rate, lines,
// evictions.
import {element, setText} from './dom.js';
import {formatAge, formatCount, formatRate, formatValue} from './format.js';

const kStateMeaning = {
  waiting: 'nothing has ever connected with the token of this stream',
  live: 'connected and sending',
  quiet: 'connected, but no line for 10 s',
  closed: 'was connected, is not any more',
};

const kTitles = ['State', 'Trace', 'Last value', 'Age', 'Rate', 'Lines', 'Evictions'];

export function traceHeadings() {
  return kTitles.map((title, i) => element('th', {scope: 'col', class: i > 1 ? 'figure' : null}, title));
}

// `trace` names the row ({name, stream}); `mark` is an optional node in front of the name.
export class TraceRow {
  constructor(trace, mark = null) {
    this.badge = element('span', {class: 'badge'});
    const name = element('span', {class: 'name'}, trace.name);
    const label = mark ? [mark, name] : [name];
    if (trace.stream !== trace.name) label.push(element('span', {class: 'stream'}, trace.stream));
    this.figures = kTitles.slice(2).map(() => element('td', {class: 'figure'}, '–'));
    this.cells = [element('td', {}, this.badge), element('td', {class: 'trace'}, ...label), ...this.figures];
  }

  update({state, last, age_ms, rate, lines, evictions}) {
    setText(this.badge, state);
    this.badge.dataset.state = state;
    this.badge.title = kStateMeaning[state] ?? '';
    const texts = [formatValue(last), formatAge(age_ms), formatRate(rate), formatCount(lines), formatCount(evictions)];
    texts.forEach((text, i) => setText(this.figures[i], text));
    const contested = this.figures.at(-1);
    contested.classList.toggle('warn', evictions > 0);
    contested.title = evictions > 0 ? 'how often a newer connection with the same token took this stream over' : '';
  }
}
