// What Tools/test-report checks in the browser; appended to a copy of the report. Its results become
// the lines of an element `checks`.
(async () => {
  const lines = [];
  const check = (name, holds, found = "") => {
    lines.push(`${holds ? "passed" : "failed"}: ${name}${holds || found === "" ? "" : ` (found ${found})`}`);
  };
  const wait = (condition) => new Promise((resolve) => {
    let left = 100;
    const look = () => (condition() || --left === 0 ? resolve() : setTimeout(look, 20));
    look();
  });
  try {
    // Curves and other plots.
    const curves = [...document.querySelectorAll("#training path.curve")];
    check("there are curves", curves.length > 0);
    check("each curve has points", curves.every((curve) => curve.getTotalLength() > 0));
    check("each plot is named",
      [...document.querySelectorAll("svg")].every((svg) => svg.getAttribute("aria-label").length > 10));
    check("the fingerprint has bars", document.querySelectorAll("#fingerprint rect.bar").length > 5);

    // Sorting.
    const table = document.querySelector(".cases:not([hidden]) table.sortable");
    const column = 2;
    const values = () => [...table.tBodies[0].rows].map((row) => Number(row.cells[column].dataset.value));
    const head = table.tHead.rows[0].cells[column];
    head.querySelector("button").click();
    const up = values();
    check("a click sorts", up.every((value, index) => index === 0 || up[index - 1] <= value), up);
    check("the order is announced", head.getAttribute("aria-sort") === "ascending");
    head.querySelector("button").click();
    const down = values();
    check("a second click turns the order", down.every((value, index) => index === 0 || down[index - 1] >= value),
      down);
    check("only one column is announced",
      table.querySelectorAll('[aria-sort="ascending"], [aria-sort="descending"]').length === 1);

    // Slices.
    const viewer = document.querySelector(".viewer");
    const canvas = viewer.querySelector("canvas");
    const slider = viewer.querySelector("input");
    const output = viewer.querySelector("output");
    const outputs = [...document.querySelectorAll(".viewer output")];
    await wait(() => outputs.every((entry) => entry.textContent !== ""));
    const picture = () => canvas.toDataURL();
    const copy = document.createElement("canvas");
    [copy.width, copy.height] = [canvas.width, canvas.height];
    const reader = copy.getContext("2d", { willReadFrequently: true });
    const colored = () => {
      reader.drawImage(canvas, 0, 0);
      const { data } = reader.getImageData(0, 0, copy.width, copy.height);
      let count = 0;
      let gray = 0;
      for (let at = 0; at < data.length; at += 4) {
        if (Math.max(data[at], data[at + 1], data[at + 2]) - Math.min(data[at], data[at + 1], data[at + 2]) > 60) count++;
        else if (data[at] > 0) gray++;
      }
      return [count, gray];
    };
    const [labels, gray] = colored();
    check("the slice shows labels", labels > 50, labels);
    check("the slice shows the image", gray > 500, gray);
    const before = [slider.value, output.textContent, picture()];
    const press = (key) => canvas.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
    press(slider.value === slider.max ? "ArrowDown" : "ArrowUp");
    check("a key scrolls",
      slider.value !== before[0] && output.textContent !== before[1] && picture() !== before[2]);
    const scrolled = slider.value;
    canvas.dispatchEvent(new WheelEvent("wheel", { deltaY: scrolled === "0" ? -100 : 100, cancelable: true }));
    check("the wheel scrolls", slider.value !== scrolled);
    press("Home");
    check("Home shows the first slice", slider.value === "0", slider.value);
    press("End");
    check("End shows the last slice", slider.value === slider.max, slider.value);
    slider.value = before[0];
    slider.dispatchEvent(new Event("input"));
    check("the slider scrolls", output.textContent === before[1], output.textContent);
    for (const box of document.querySelectorAll("[data-layer]")) if (box.checked) box.click();
    check("without layers only the image is left", colored()[0] === 0, colored()[0]);
    check("all viewers have drawn",
      outputs.every((entry) => entry.textContent !== ""));

    // Light, dark, phone.
    const paper = () => getComputedStyle(document.body).backgroundColor;
    const first = paper();
    document.getElementById("theme").click();
    check("the button changes the colors", paper() !== first, paper());
    check("nothing is wider than the window",
      document.documentElement.scrollWidth <= document.documentElement.clientWidth,
      `${document.documentElement.scrollWidth} of ${document.documentElement.clientWidth}`);

    // Accessibility: names, order of headings, contrast of texts.
    const controls = [...document.querySelectorAll("button, select, input, canvas")];
    check("each control has a name", controls.every((control) =>
      control.getAttribute("aria-label") || control.textContent.trim() || control.labels?.length));
    const levels = [...document.querySelectorAll("h1, h2, h3, h4")].map((heading) => Number(heading.tagName[1]));
    check("headings leave no level out", levels.every((level, index) => index === 0 || level <= levels[index - 1] + 1));
    const luminance = (color) => {
      const parts = color.match(/[\d.]+/g).slice(0, 3).map((part) => {
        const value = Number(part) / 255;
        return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
    };
    const background = (element) => {
      for (let node = element; node; node = node.parentElement) {
        const color = getComputedStyle(node).backgroundColor;
        if (!/, 0\)$|transparent/.test(color)) return color;
      }
      return "rgb(255, 255, 255)";
    };
    for (const theme of ["light", "dark"]) {
      document.documentElement.dataset.theme = theme;
      const weak = [...document.querySelectorAll("p, td, th, dt, dd, a, button, caption, figcaption, svg text, output")]
        .filter((element) => {
          const style = getComputedStyle(element);
          const own = luminance(element.closest("svg") ? style.fill : style.color);
          const paper = luminance(background(element));
          return (Math.max(own, paper) + 0.05) / (Math.min(own, paper) + 0.05) < 4.5;
        });
      check(`texts stand out, ${theme}`, weak.length === 0, `${weak.length}, first: ${weak[0]?.outerHTML.slice(0, 90)}`);
    }
  } catch (error) {
    lines.push(`failed: ${error}`);
  }
  const list = document.createElement("pre");
  list.id = "checks";
  list.textContent = `\n${lines.join("\n")}\n`;
  document.body.append(list);
})();
