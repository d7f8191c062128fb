// One Plotly chart of a WindowStore: one call for all traces each time it is drawn, and the reader's zoom is kept.
import {keepLinksOut} from './drawn_links.js';
import {merge, setPath} from './plain.js';
import {chartTemplate, onThemeChange} from './theme.js';
import {dateText} from './times.js';

const kConfig = {
  responsive: true,
  displaylogo: false,
  doubleClick: 'autosize',
  modeBarButtonsToRemove: ['toImage', 'resetScale2d', 'select2d', 'lasso2d', 'sendChartToCloud', 'downloadJson'],
  // The data of the plant goes nowhere else, and nothing is fetched from elsewhere.
  showSendToCloud: false,
  plotlyServerURL: '',
  topojsonURL: `${location.origin}/`,
};

let loading = null;

function loadPlotly() {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = '/plotly.js';
    script.onload = () => resolve(globalThis.Plotly);
    script.onerror = () => {
      loading = null;
      script.remove();
      reject(new Error('/plotly.js did not load'));
    };
    document.head.append(script);
  });
  return loading;
}

// Older clients give titles as plain strings, which Plotly no longer reads.
function withTitleObjects(layout) {
  const axes = Object.keys(layout).filter(key => /^[xy]axis\d*$/.test(key)).map(key => layout[key]);
  for (const part of [layout, ...axes]) {
    if (typeof part?.title === 'string') part.title = {text: part.title};
  }
  return layout;
}

export class Chart {
  // `changed` is called when the reader zoomed or went back to the whole.
  constructor(node, changed) {
    this.node = node;
    keepLinksOut(node);
    this.changed = changed;
    this.zoomed = {xaxis: false, yaxis: false};
    this.drawn = null;
  }

  get isZoomed() {
    return this.zoomed.xaxis || this.zoomed.yaxis;
  }

  // Draws the newest `spanMs` of the data, or all of it for null or when x is not a time. `name` is the page's heading,
  // which the chart does not repeat.
  async draw(store, spanMs, name) {
    const plotly = await loadPlotly();
    const newest = spanMs === null || this.zoomed.xaxis ? null : store.newestTime();
    const following = newest !== null;
    const columns = store.columns(following ? newest - spanMs : null);
    const range = following ? [dateText(newest - spanMs), dateText(newest)] : null;
    const known = this.drawn?.shape === store.shape && this.drawn.following === following;
    this.drawn = {shape: store.shape, following};
    if (known) {
      await plotly.update(this.node, this.byColumn(columns), range ? {'xaxis.range': range} : {});
      return;
    }
    const first = !this.node.data;
    await plotly.react(this.node, this.traces(store, columns), this.layout(store.layout, range, name), kConfig);
    if (first) this.listen(plotly);
  }

  redrawAll() {
    this.drawn = null;
  }

  resetZoom() {
    const whole = {'xaxis.autorange': true, 'yaxis.autorange': true};
    return loadPlotly().then(plotly => plotly.relayout(this.node, whole));
  }

  async savePicture(filename) {
    const plotly = await loadPlotly();
    const {clientWidth: width, clientHeight: height} = this.node;
    await plotly.downloadImage(this.node, {format: 'png', filename, width, height, scale: 2});
  }

  listen(plotly) {
    // Plotly tells only of what the reader did here: this class draws with react and update.
    this.node.on('plotly_relayout', event => {
      for (const axis of Object.keys(this.zoomed)) {
        if (event[`${axis}.autorange`]) {
          this.zoomed[axis] = false;
        } else if (Object.keys(event).some(key => key.startsWith(`${axis}.range`))) {
          this.zoomed[axis] = true;
        }
      }
      this.changed();
    });
    onThemeChange(() => plotly.relayout(this.node, {template: chartTemplate()}));
  }

  byColumn(columns) {
    const names = new Set(columns.flatMap(Object.keys));
    return Object.fromEntries([...names].map(name => [name, columns.map(trace => trace[name])]));
  }

  traces(store, columns) {
    return store.traces.map(({style}, i) => {
      const trace = merge({}, style);
      for (const [name, column] of Object.entries(columns[i])) setPath(trace, name, column);
      return trace;
    });
  }

  layout(own, range, name) {
    const layout = withTitleObjects(structuredClone(own));
    if (layout.title?.text === name) delete layout.title;
    // The chart fills its card on every screen.
    delete layout.width;
    delete layout.height;
    delete layout.modebar?.add;  // its buttons are this page's to choose
    layout.template ??= chartTemplate();
    layout.uirevision = 'kept';
    if (range) layout.xaxis = {...layout.xaxis, range, autorange: false};
    for (const [axis, zoomed] of Object.entries(this.zoomed)) {
      if (zoomed) layout[axis] = {...layout[axis], range: [...this.node.layout[axis].range], autorange: false};
    }
    return layout;
  }
}
