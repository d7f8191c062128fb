// The data of a chart as a file.
import {element} from './dom.js';

// A text that a spreadsheet would take for a formula is marked as text.
function cell(value) {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  let text = typeof value === 'string' ? value : JSON.stringify(value);
  if (/^[=+\-@\t\r]/.test(text) && !/^[+-]?[\d.]+(e[+-]?\d+)?$/i.test(text)) text = `'${text}`;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

// One line for each point: the trace's name and its columns. `columns` as WindowStore gives them.
export function csvOf(names, columns) {
  const titles = [...new Set(['x', 'y', ...columns.flatMap(Object.keys)])];
  const lines = [['trace', ...titles].map(cell).join(',')];
  columns.forEach((trace, i) => {
    const rows = Math.max(0, ...Object.values(trace).map(column => column.length));
    for (let row = 0; row < rows; ++row) {
      lines.push([names[i], ...titles.map(title => trace[title]?.[row])].map(cell).join(','));
    }
  });
  return `${lines.join('\r\n')}\r\n`;
}

export function fileName(plotName) {
  const words = plotName.normalize('NFKD').replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-+|-+$/g, '').toLowerCase();
  return `${words || 'plot'}-${new Date().toISOString().slice(0, 19).replaceAll(':', '')}`;
}

export function save(text, name) {
  const url = URL.createObjectURL(new Blob([text], {type: 'text/csv;charset=utf-8'}));
  element('a', {href: url, download: name}).click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}
