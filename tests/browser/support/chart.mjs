// What is drawn, read from the page.

// Waits until the chart draws exactly these values of a trace.
export function untilDrawn(page, y, trace = 0) {
  return page.waitForFunction(([wanted, index]) => {
    const drawn = document.querySelector('.chart')?.data?.[index]?.y;
    return drawn !== undefined && JSON.stringify([...drawn]) === wanted;
  }, [JSON.stringify(y), trace]);
}

export function drawnValues(page, trace = 0) {
  return page.evaluate(index => [...document.querySelector('.chart').data[index].y], trace);
}

// Waits until the line of the only trace has so many pieces and corners, its ends included. A gap makes two pieces of
// one; a corner between two others in line with it is not drawn.
export function untilLine(page, line) {
  return page.waitForFunction(({pieces, corners}) => {
    const drawn = [...document.querySelectorAll('.chart .js-line')].map(path => path.getAttribute('d')).join('');
    return drawn.split('M').length - 1 === pieces && drawn.split(/[MLHV]/).length - 1 === corners;
  }, line);
}

export function rangeOf(page, axis) {
  return page.evaluate(name => [...document.querySelector('.chart').layout[name].range], axis);
}

// The middle two quarters of the chart are dragged over, which zooms in on both axes.
export async function zoomIn(page) {
  const box = await page.locator('.chart .nsewdrag').first().boundingBox();
  await page.mouse.move(box.x + box.width * 0.25, box.y + box.height * 0.2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.75, box.y + box.height * 0.8, {steps: 5});
  await page.mouse.up();
}
