const ink = "#24292f";
const grid = "#e6e9ee";

const axis = {
  automargin: true,
  gridcolor: grid,
  linecolor: "#b9c0ca",
  tickcolor: "#b9c0ca",
  zerolinecolor: "#cfd5dd",
  zerolinewidth: 1,
  ticks: "outside",
  ticklen: 4,
  title: { standoff: 12, font: { size: 13 } },
};

const colorbar = { thickness: 14, outlinewidth: 0, ticks: "", tickfont: { size: 11 } };

/** Types that colour an area by a number. */
const fields = ["heatmap", "contour", "histogram2d", "histogram2dcontour", "surface"];

/** The look of figures that bring no template of their own; what a figure says itself wins. */
export function template(hasTitle: boolean): object {
  return {
    layout: {
      font: { family: "Open Sans, verdana, arial, sans-serif", size: 12, color: ink },
      title: { x: 0, xref: "paper", xanchor: "left", font: { size: 17 } },
      margin: { l: 56, r: 24, t: hasTitle ? 60 : 24, b: 48 },
      colorway: [
        "#4269d0",
        "#e8a30c",
        "#e8584f",
        "#3fae9a",
        "#8d5bd6",
        "#6f9c3d",
        "#e377b0",
        "#8c6550",
        "#5fa8e6",
        "#8a919c",
      ],
      colorscale: { sequential: "Viridis", sequentialminus: "Viridis" },
      paper_bgcolor: "#ffffff",
      plot_bgcolor: "#ffffff",
      hovermode: "closest",
      bargap: 0.18,
      xaxis: { ...axis, showgrid: true },
      yaxis: axis,
      legend: { title: { font: { size: 12 } } },
    },
    data: {
      bar: [{ marker: { line: { width: 0 } } }],
      histogram: [{ marker: { line: { width: 1, color: "#ffffff" } } }],
      ...Object.fromEntries(fields.map((type) => [type, [{ colorscale: "Viridis", colorbar }]])),
      box: [{ boxpoints: "outliers", line: { width: 1.5 } }],
    },
  };
}
