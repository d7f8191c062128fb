// Decides by the address which of the two pages this is.
import {element} from './dom.js';
import {showPlotList} from './plot_list.js';
import {showPlot} from './plot_view.js';

const main = document.getElementById('main');
const plot = location.pathname.match(/^\/plots\/(\d+)\/?$/);

if (location.pathname === '/') {
  showPlotList(main);
} else if (plot) {
  showPlot(main, plot[1]);
} else {
  main.append(element('h1', {}, 'There is no such page'),
              element('p', {}, element('a', {href: '/'}, 'All plots')));
}
