// Draws the charts of a report from the data beside it. Colours are those of the style sheet, asked for at each drawing,
// so that a change of theme or a printer is followed by drawing again.
"use strict";
(() => {
  const { charts } = JSON.parse(document.getElementById("data").textContent);
  const styles = getComputedStyle(document.documentElement);
  const colour = (name) => () => styles.getPropertyValue(name).trim();
  const DASHES = [[], [8, 4], [2, 3], [10, 3, 2, 3], [5, 5], [1, 4]];

  // Three digits that matter, thousands apart.
  const number = (value) => {
    if (value === null || value === undefined) return "";
    const size = Math.abs(value);
    if (size >= 1000) return Math.round(value).toLocaleString("en-US");
    return String(Number(value.toPrecision(3)));
  };
  // Places on the axis of percentiles are nines: 1 is 90 %, 2 is 99 %, 3 is 99.9 %.
  const percentile = (nines) => {
    const share = 100 * (1 - 10 ** -nines);
    return "p" + Number(share.toFixed(Math.max(1, Math.ceil(nines) - 1)));
  };
  const nineSplits = (_, __, min, max) => [0, Math.log10(2), 1, 2, 3, 4, 5, 6].filter((at) => at >= min && at <= max);

  const axis = (more) => ({
    stroke: colour("--faint"), font: "12px system-ui, sans-serif", labelFont: "12px system-ui, sans-serif",
    grid: { stroke: colour("--line"), width: 1 }, ticks: { stroke: colour("--line"), width: 1 }, ...more,
  });

  const draw = (chart, place) => {
    const nines = chart.x === "percentile";
    const width = () => Math.max(240, Math.floor(place.clientWidth));
    const unit = chart.unit ? " " + chart.unit : "";
    const plot = new uPlot({
      width: width(), height: 260,
      cursor: { y: false, drag: { x: false, y: false } },
      scales: {
        x: { time: false, range: nines ? [0, Math.max(2, ...chart.at)] : undefined },
        y: chart.log ? { distr: 3 } : { range: (_, __, max) => [0, max > 0 ? max * 1.08 : 1] },
      },
      axes: [
        axis(nines ? { splits: nineSplits, values: (_, all) => all.map(percentile), space: 30 }
          : { values: (_, all) => all.map((at) => number(at) + " s"), space: 50 }),
        axis({ size: (_, labels) => 24 + 7 * Math.max(3, ...(labels || []).map((label) => label.length)), values: (_, all) => all.map((at) => (at === null ? "" : number(at) + unit)) }),
      ],
      series: [
        { label: nines ? "percentile" : "second", value: (_, at) => (at === null ? "–" : nines ? percentile(at) : number(at)) },
        ...chart.series.map((one, at) => ({
          label: one.label, stroke: colour(`--series-${(at % 6) + 1}`), width: 2, dash: DASHES[at % 6],
          points: { show: false }, spanGaps: true, value: (_, y) => (y === null ? "–" : number(y) + unit),
        })),
      ],
    }, [chart.at, ...chart.series.map((one) => one.values)], place);
    new ResizeObserver(() => {
      if (width() !== plot.width) plot.setSize({ width: width(), height: 260 });
    }).observe(place);
    return plot;
  };

  const plots = charts.map((chart, at) => draw(chart, document.getElementById(`chart-${at}`)));
  const again = () => plots.forEach((plot) => plot.redraw(false, true));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
  matchMedia("print").addEventListener("change", again);
  addEventListener("beforeprint", again);
  addEventListener("afterprint", again);
})();
