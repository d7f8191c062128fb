// The data behind a chart: for each trace its columns, at most `max_points` long, and its style; and the layout.
// Knows nothing of drawing. `shape` changes whenever more than the data of known columns did.
import {merge, withoutLinks} from './plain.js';
import {timeOf} from './times.js';

const kMaxPoints = 500;

class TraceWindow {
  constructor({columns, style}, maxPoints) {
    this.columns = withoutLinks(columns ?? {});
    this.style = merge({}, withoutLinks(style));
    this.maxPoints = maxPoints;
  }

  get rows() {
    return Math.max(0, ...Object.values(this.columns).map(column => column.length));
  }

  // All columns of full length grow together: what the new points lack becomes null. A shorter column is a list of its
  // own and stays. Answers the number of points.
  append(added) {
    const before = this.rows;
    const points = Math.max(0, ...Object.values(added).map(column => column.length));
    for (const name of new Set([...Object.keys(this.columns), ...Object.keys(added)])) {
      const column = this.columns[name] ??= [];
      if (!(name in added) && column.length !== before) continue;
      while (column.length < before) column.push(null);
      const values = added[name] ?? [];
      for (let i = 0; i < points; ++i) column.push(withoutLinks(values[i] ?? null));
      if (column.length > this.maxPoints) column.splice(0, column.length - this.maxPoints);
    }
    return points;
  }

  newestX() {
    return this.columns.x?.findLast(x => x !== null);
  }
}

export class WindowStore {
  constructor() {
    this.traces = [];
    this.limits = [];
    this.layout = {};
    this.shape = 0;
  }

  // How many points each trace keeps, in order; holds for the windows to come, too.
  setLimits(limits) {
    this.limits = limits;
    this.traces.forEach((trace, i) => trace.maxPoints = limits[i] ?? kMaxPoints);
  }

  get empty() {
    return this.traces.every(trace => trace.rows === 0);
  }

  // The event `window`.
  reset({traces, layout}) {
    this.traces = traces.map((trace, i) => new TraceWindow(trace, this.limits[i] ?? kMaxPoints));
    this.layout = merge({}, withoutLinks(layout));
    ++this.shape;
  }

  // The event `points`. Answers how many points came.
  add({traces, layout}) {
    let points = 0;
    for (const [index, {append, replace, style}] of Object.entries(traces ?? {})) {
      const trace = this.traces[index];
      if (!trace) continue;
      const known = Object.keys(trace.columns).length;
      for (const [name, column] of Object.entries(replace ?? {})) {
        trace.columns[name] = withoutLinks(column, name);
        points = Math.max(points, 1);
      }
      points += append ? trace.append(append) : 0;
      if (style) merge(trace.style, withoutLinks(style));
      if (style || Object.keys(trace.columns).length !== known) ++this.shape;
    }
    if (layout) {
      merge(this.layout, withoutLinks(layout));
      ++this.shape;
    }
    return points;
  }

  // The newest time on the x axis in ms, or null when x is not a time.
  newestTime() {
    const dates = this.layout.xaxis?.type === 'date';
    const times = this.traces.map(trace => timeOf(trace.newestX(), dates)).filter(time => time !== null);
    return times.length > 0 ? Math.max(...times) : null;
  }

  // The columns of each trace as copies, so that a paused chart does not change under the reader. With `since` (ms)
  // only from the last point before that time on.
  columns(since = null) {
    const dates = this.layout.xaxis?.type === 'date';
    return this.traces.map(({columns, rows}) => {
      let first = 0;
      if (since !== null && columns.x) {
        first = columns.x.length;
        while (first > 0 && (timeOf(columns.x[first - 1], dates) ?? since) >= since) --first;
        first = Math.max(0, first - 1);
      }
      return Object.fromEntries(Object.entries(columns).map(
          ([name, column]) => [name, column.length === rows ? column.slice(first) : column.slice()]));
    });
  }
}
