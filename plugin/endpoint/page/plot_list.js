// The page "/": every plot and its streams, asked for again every 2 s while somebody looks.
import {element, setBanner, setLink, setText} from './dom.js';
import {feedHint} from './feed_hint.js';
import {TraceRow, traceHeadings} from './trace_rows.js';

const kRefreshMs = 2000;
const kPatienceMs = 5000;
const kStates = ['live', 'quiet', 'closed', 'waiting'];

// The rows of one plot. They are kept as long as the plot has the same traces.
class PlotRows {
  constructor(plot) {
    this.key = PlotRows.keyOf(plot);
    this.words = [plot.name, ...plot.traces.flatMap(({name, stream}) => [name, stream])].join(' ').toLowerCase();
    this.rows = plot.traces.map(trace => new TraceRow(trace));
    const link = element('th', {scope: 'rowgroup', class: 'plot', rowspan: Math.max(1, this.rows.length)},
                         element('a', {href: `/plots/${plot.id}`}, plot.name));
    const lines = this.rows.map(row => element('tr', {}, ...row.cells));
    if (lines.length === 0) {
      lines.push(element('tr', {}, element('td', {colspan: '7', class: 'muted'}, 'no traces')));
    }
    lines[0].prepend(link);
    this.body = element('tbody', {}, ...lines);
  }

  static keyOf({id, name, traces}) {
    return JSON.stringify([id, name, traces.map(trace => [trace.name, trace.stream])]);
  }

  update({traces}) {
    this.rows.forEach((row, i) => row.update(traces[i]));
  }
}

class PlotList {
  constructor(main) {
    this.groups = new Map();
    this.summary = element('p', {class: 'summary'});
    this.filter = element('input', {
      type: 'search', id: 'filter', placeholder: 'Name of a plot or stream', oninput: () => this.applyFilter(),
    });
    this.table = element('table', {}, element('caption', {class: 'unseen'}, 'Plots and their streams'),
        element('thead', {}, element('tr', {}, element('th', {scope: 'col'}, 'Plot'), ...traceHeadings())));
    this.card = element('div', {
      class: 'card scroll', tabindex: '0', role: 'region', 'aria-label': 'Plots', hidden: true,
    }, this.table);
    this.empty = feedHint('No plots yet');
    this.empty.hidden = true;
    this.none = element('p', {class: 'muted', hidden: true}, 'Nothing has that in its name.');
    this.find = element('div', {class: 'field', hidden: true}, element('label', {for: 'filter'}, 'Find'), this.filter);
    main.append(element('div', {class: 'head'}, element('h1', {}, 'Plots'), this.summary, this.find),
                this.card, this.none, this.empty);
  }

  show(plots) {
    const before = this.groups;
    this.groups = new Map();
    for (const plot of plots) {
      const old = before.get(plot.id);
      const group = old?.key === PlotRows.keyOf(plot) ? old : new PlotRows(plot);
      group.update(plot);
      this.groups.set(plot.id, group);
    }
    const bodies = [...this.groups.values()].map(group => group.body);
    if (bodies.length !== this.table.tBodies.length || bodies.some((body, i) => body !== this.table.tBodies[i])) {
      for (const body of [...this.table.tBodies]) body.remove();
      this.table.append(...bodies);
    }
    this.empty.hidden = plots.length > 0;
    this.card.hidden = this.find.hidden = plots.length === 0;
    this.summarise(plots);
    this.applyFilter();
  }

  summarise(plots) {
    const states = plots.flatMap(plot => plot.traces.map(trace => trace.state));
    const parts = kStates.map(state => [state, states.filter(other => other === state).length])
                      .filter(([, number]) => number > 0)
                      .map(([state, number]) => `${number} ${state}`);
    setText(this.summary, [`${plots.length} ${plots.length === 1 ? 'plot' : 'plots'}`, ...parts].join(' · '));
  }

  applyFilter() {
    const wanted = this.filter.value.trim().toLowerCase();
    let shown = 0;
    for (const group of this.groups.values()) {
      group.body.hidden = !group.words.includes(wanted);
      if (!group.body.hidden) ++shown;
    }
    this.none.hidden = shown > 0 || this.groups.size === 0;
  }
}

// All of them; the endpoint gives a long list in parts.
async function askForPlots() {
  const plots = [];
  for (let after = 0; after !== undefined;) {
    const answer = await fetch(after === 0 ? '/api/plots' : `/api/plots?after=${after}`,
                               {signal: AbortSignal.timeout(kPatienceMs)});
    if (!answer.ok) throw new Error(`the endpoint answered ${answer.status}`);
    const part = await answer.json();
    plots.push(...part.plots);
    after = part.next;
  }
  return plots;
}

export function showPlotList(main) {
  const list = new PlotList(main);
  let timer = 0;

  async function refresh() {
    clearTimeout(timer);
    if (document.hidden) return;
    try {
      list.show(await askForPlots());
      setBanner('');
      setLink('up', 'Connected');
    } catch (error) {
      setBanner(`No answer from the endpoint (${error.message}). Trying again…`);
      setLink('down', 'Reconnecting');
    }
    clearTimeout(timer);
    timer = setTimeout(refresh, kRefreshMs);
  }

  document.addEventListener('visibilitychange', refresh);
  refresh();
}
