"use strict";
// The page's behaviour: light and dark, sorting tables, choosing a table, scrolling through slices.
(() => {
  const root = document.documentElement;

  // Light and dark: as the system wants it until the reader decides.
  const button = document.getElementById("theme");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme || (dark.matches ? "dark" : "light")) === "dark";
  const showTheme = () => {
    button.textContent = isDark() ? "Light" : "Dark";
    button.setAttribute("aria-label", isDark() ? "Use light colors" : "Use dark colors");
    button.setAttribute("aria-pressed", String(isDark()));
  };
  const stored = { get() { try { return localStorage.getItem("theme"); } catch { return null; } },
    set(value) { try { localStorage.setItem("theme", value); } catch { /* not kept */ } } };
  if (["light", "dark"].includes(stored.get())) root.dataset.theme = stored.get();
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    stored.set(root.dataset.theme);
    showTheme();
  });
  dark.addEventListener("change", showTheme);
  showTheme();

  // Sorting: numbers by their value, texts as people order them, undefined ones last.
  const order = new Intl.Collator(undefined, { numeric: true });
  const key = (row, column) => {
    const cell = row.cells[column];
    if (cell.dataset.value === undefined) return cell.textContent;
    return cell.dataset.value === "" ? null : Number(cell.dataset.value);
  };
  const compare = (a, b) => (typeof a === "number" ? a - b : order.compare(a, b));
  for (const table of document.querySelectorAll("table.sortable")) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      head.querySelector("button").addEventListener("click", () => {
        const sign = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
        for (const other of heads) other.setAttribute("aria-sort", "none");
        head.setAttribute("aria-sort", sign > 0 ? "ascending" : "descending");
        const body = table.tBodies[0];
        const rows = [...body.rows].map((row) => ({ row, key: key(row, column) }));
        rows.sort((a, b) =>
          a.key === null || b.key === null
            ? (a.key === null) - (b.key === null)
            : sign * compare(a.key, b.key));
        body.append(...rows.map((entry) => entry.row));
      });
    });
  }

  // One table of cases at a time.
  const choice = document.getElementById("table-choice");
  if (choice) {
    const show = () => {
      for (const table of document.querySelectorAll(".cases")) table.hidden = table.id !== choice.value;
    };
    choice.addEventListener("change", show);
    show();
  }

  // Slices. A label's color is the same for reference and prediction; both are drawn on gray.
  const palette = ["#ff5c5c", "#4dd2ff", "#7dff6b", "#ffd84d", "#e08bff", "#ff9d3c", "#6f9bff",
    "#3cffc8", "#ff8ac2", "#d6ff4d"];
  const color = (label) => palette[(label - 1) % palette.length];
  for (const key of document.querySelectorAll("[data-label]")) {
    key.style.background = color(Number(key.dataset.label));
  }
  const layers = {};
  const viewers = [];
  for (const box of document.querySelectorAll("[data-layer]")) {
    layers[box.dataset.layer] = box.checked;
    box.addEventListener("change", () => {
      layers[box.dataset.layer] = box.checked;
      for (const viewer of viewers) viewer.draw();
    });
  }

  class Viewer {
    constructor(figure) {
      this.width = Number(figure.dataset.width);
      this.height = Number(figure.dataset.height);
      this.columns = Number(figure.dataset.columns);
      this.slices = figure.dataset.slices.split(" ");
      this.plane = figure.dataset.plane;
      this.image = figure.querySelector("img.image");
      this.labels = figure.querySelector("img.labels");
      this.canvas = figure.querySelector("canvas");
      this.slider = figure.querySelector("input");
      this.output = figure.querySelector("output");
      this.name = this.canvas.getAttribute("aria-label");
      const aspect = Number(figure.dataset.aspect);
      // Enough pixels for smooth lines, whatever the size of a voxel.
      this.scaleX = Math.max(2, Math.ceil(480 / Math.max(this.width, this.height * aspect)));
      this.scaleY = this.scaleX * aspect;
      this.canvas.width = Math.round(this.width * this.scaleX);
      this.canvas.height = Math.round(this.height * this.scaleY);
      this.listen();
    }

    async load() {
      await Promise.all([this.image, this.labels].filter(Boolean).map((image) => image.decode()));
      const sheet = document.createElement("canvas");
      sheet.width = this.labels.naturalWidth;
      sheet.height = this.labels.naturalHeight;
      this.sheet = sheet.getContext("2d", { willReadFrequently: true });
      this.sheet.drawImage(this.labels, 0, 0);
      this.draw();
    }

    get slice() { return Number(this.slider.value); }

    move(step) {
      this.slider.value = String(this.slice + step);
      this.draw();
    }

    listen() {
      this.slider.addEventListener("input", () => this.draw());
      this.canvas.addEventListener("keydown", (event) => {
        const steps = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1, PageUp: 5, PageDown: -5,
          Home: -1e6, End: 1e6 };
        if (!(event.key in steps)) return;
        event.preventDefault();
        this.move(steps[event.key]);
      });
      this.canvas.addEventListener("wheel", (event) => {
        event.preventDefault();
        this.move(event.deltaY < 0 ? 1 : -1);
      }, { passive: false });
      this.canvas.addEventListener("click", () => this.canvas.focus());
    }

    draw() {
      if (!this.sheet) return;
      const x = (this.slice % this.columns) * this.width;
      const y = Math.floor(this.slice / this.columns) * this.height;
      const context = this.canvas.getContext("2d");
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.fillStyle = "#000";
      context.fillRect(0, 0, this.canvas.width, this.canvas.height);
      if (this.image) {
        context.imageSmoothingQuality = "high";
        context.drawImage(this.image, x, y, this.width, this.height, 0, 0, this.canvas.width,
          this.canvas.height);
      }
      this.overlay(context, this.sheet.getImageData(x, y, this.width, this.height).data);
      const text = `${this.plane} slice ${this.slices[this.slice]}, ${this.slice + 1} of ${this.slices.length}`;
      this.output.textContent = text;
      this.slider.setAttribute("aria-valuetext", text);
      this.canvas.setAttribute("aria-label", `${this.name}: ${text}`);
    }

    overlay(context, pixels) {
      if (layers.errors) {
        this.areas(context, pixels, (ref, pred) => (ref === pred ? 0 : ref || pred), 0.75);
      } else if (layers.prediction) {
        this.areas(context, pixels, (ref, pred) => pred, 0.38);
      }
      if (layers.reference) this.contours(context, pixels);
    }

    // Fills the pixels whose label `choose` names.
    areas(context, pixels, choose, opacity) {
      context.globalAlpha = opacity;
      for (let row = 0; row < this.height; row++) {
        for (let column = 0; column < this.width; column++) {
          const at = 4 * (row * this.width + column);
          const label = choose(pixels[at], pixels[at + 1]);
          if (!label) continue;
          context.fillStyle = color(label);
          const [left, top] = [Math.round(column * this.scaleX), Math.round(row * this.scaleY)];
          context.fillRect(left, top, Math.round((column + 1) * this.scaleX) - left,
            Math.round((row + 1) * this.scaleY) - top);
        }
      }
      context.globalAlpha = 1;
    }

    // Draws the borders of each label of the reference along the edges of its pixels.
    contours(context, pixels) {
      const label = (row, column) =>
        row < 0 || column < 0 || row >= this.height || column >= this.width
          ? 0 : pixels[4 * (row * this.width + column)];
      const paths = new Map();
      const segment = (name, x0, y0, x1, y1) => {
        if (!paths.has(name)) paths.set(name, new Path2D());
        paths.get(name).moveTo(x0 * this.scaleX, y0 * this.scaleY);
        paths.get(name).lineTo(x1 * this.scaleX, y1 * this.scaleY);
      };
      for (let row = 0; row < this.height; row++) {
        for (let column = 0; column < this.width; column++) {
          const own = label(row, column);
          if (!own) continue;
          if (label(row - 1, column) !== own) segment(own, column, row, column + 1, row);
          if (label(row + 1, column) !== own) segment(own, column, row + 1, column + 1, row + 1);
          if (label(row, column - 1) !== own) segment(own, column, row, column, row + 1);
          if (label(row, column + 1) !== own) segment(own, column + 1, row, column + 1, row + 1);
        }
      }
      context.lineCap = "round";
      for (const [width, style] of [[4, () => "#000"], [2, color]]) {
        context.lineWidth = width;
        for (const [name, path] of paths) {
          context.strokeStyle = style(name);
          context.stroke(path);
        }
      }
    }
  }

  for (const figure of document.querySelectorAll(".viewer")) {
    const viewer = new Viewer(figure);
    viewers.push(viewer);
    viewer.load();
  }
})();
