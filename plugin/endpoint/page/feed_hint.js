// The empty state: a command that would put a point on the chart.
import {element, setText} from './dom.js';

function command() {
  return `date -u +'{"x": "%F %T", "y": 20.5}' | curl -N -X POST -H 'plotly-streamtoken: YOUR_TOKEN' ` +
      `-H 'Transfer-Encoding: chunked' --data-binary @- ${location.protocol}//${location.host}/`;
}

// Plain http pages of other machines have no clipboard API; the old way still works there.
async function copy(node) {
  try {
    await navigator.clipboard.writeText(node.textContent);
    return true;
  } catch {
    getSelection().selectAllChildren(node);
    return document.execCommand('copy');
  }
}

export function feedHint(title) {
  const code = element('code', {}, command());
  const button = element('button', {
    type: 'button',
    onclick: async () => setText(button, await copy(code) ? 'Copied' : 'Press Ctrl+C'),
  }, 'Copy');
  return element('section', {class: 'empty'},
      element('h2', {}, title),
      element('p', {}, 'A point arrives as one line of JSON, sent with the token of a stream. This sends one:'),
      element('div', {class: 'command'}, element('pre', {tabindex: '0'}, code), button));
}
