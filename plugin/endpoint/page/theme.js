// The colours of the page, told to Plotly as a template: whatever a plot's own layout says comes first.

const kFont = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif';
const dark = matchMedia('(prefers-color-scheme: dark)');

const kLightTraces = [
  '#0a6cb4', '#c2500b', '#15803d', '#8a3ffc', '#b3261e', '#0e7490', '#a21c72', '#5c6b00', '#6b4f2a', '#475569',
];
const kDarkTraces = [
  '#5ab0f2', '#f59e57', '#5fcf86', '#b79bff', '#ff8a80', '#4fd1d9', '#f08ccb', '#c3d14b', '#d0ab7d', '#a9b6c6',
];

export function traceColours() {
  return dark.matches ? kDarkTraces : kLightTraces;
}

export function onThemeChange(listener) {
  dark.addEventListener('change', listener);
}

export function chartTemplate() {
  const style = getComputedStyle(document.documentElement);
  const colour = name => style.getPropertyValue(`--${name}`).trim();
  const axis = {
    gridcolor: colour('grid'), linecolor: colour('line'), zerolinecolor: colour('line'), tickcolor: colour('line'),
    tickfont: {color: colour('muted')}, automargin: true,
  };
  return {layout: {
    font: {family: kFont, size: 13, color: colour('text')},
    paper_bgcolor: colour('surface'), plot_bgcolor: colour('surface'),
    colorway: traceColours(),
    xaxis: axis, yaxis: axis,
    margin: {l: 56, r: 24, t: 40, b: 44},
    legend: {orientation: 'h', x: 0, y: 1.02, yanchor: 'bottom'},
    hoverlabel: {bgcolor: colour('raised'), bordercolor: colour('line'), font: {color: colour('text')}},
    modebar: {bgcolor: 'rgba(0,0,0,0)', color: colour('muted'), activecolor: colour('accent')},
  }};
}
