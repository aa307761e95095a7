// Sorting by column: detail rows move inside their own run, so subtotals and totals keep their places. Filtering by words: subtotals go
// while it lasts, totals stay and say that they are of the whole table. Values of drawings where the pointer is.
(() => {
  "use strict";
  const number = /^-?\d+(\.\d+)?$/;
  const value = (row, column) => {
    const cell = row.cells[column];
    const text = cell ? (cell.dataset.v ?? cell.textContent.trim()) : "";
    return number.test(text) ? Number(text) : text;
  };
  const compare = (a, b) => {
    if (a === "" || b === "") return a === b ? 0 : a === "" ? 1 : -1;
    if (typeof a === "number" && typeof b === "number") return a - b;
    return String(a).localeCompare(String(b), document.documentElement.lang, { numeric: true });
  };
  for (const table of document.querySelectorAll("table.data")) {
    const body = table.tBodies[0];
    if (!body || body.rows.length < 3) continue;
    const original = [...body.rows];
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      // Not a <button>: browsers do not paint those in a head that is repeated on paper.
      const button = document.createElement("span");
      button.setAttribute("role", "button");
      button.tabIndex = 0;
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("keydown", (event) => {
        if (event.key === "Enter" || event.key === " ") { event.preventDefault(); button.click(); }
      });
      button.addEventListener("click", () => {
        const next = { none: "ascending", ascending: "descending", descending: "none" }[head.getAttribute("aria-sort") ?? "none"];
        heads.forEach((h) => h.removeAttribute("aria-sort"));
        if (next !== "none") head.setAttribute("aria-sort", next);
        const sign = next === "descending" ? -1 : 1;
        const sorted = [];
        let run = [];
        const close = () => {
          if (next !== "none") {
            run = run.map((row) => [value(row, column), row]);
            run.sort(([a], [b]) => (a === "" || b === "" ? compare(a, b) : sign * compare(a, b)));
            run = run.map(([, row]) => row);
          }
          sorted.push(...run);
          run = [];
        };
        for (const row of original) {
          if (row.classList.contains("detail")) run.push(row);
          else { close(); sorted.push(row); }
        }
        close();
        body.append(...sorted);
      });
    });
  }
  const plain = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
  for (const block of document.querySelectorAll("[data-filter]")) {
    const body = block.querySelector("table.data").tBodies[0];
    const rows = [...body.rows].filter((row) => row.classList.contains("detail")).map((row) => [row, plain(row.textContent)]);
    const sums = [...body.rows].filter((row) => row.classList.contains("subtotal"));
    const label = document.createElement("label");
    const input = document.createElement("input");
    const count = document.createElement("span");
    label.className = "filter";
    input.type = "search";
    count.setAttribute("role", "status");
    label.append(block.dataset.filter, input, count);
    block.insertBefore(label, block.querySelector(".scroll"));
    input.addEventListener("input", () => {
      const words = plain(input.value).split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const [row, text] of rows) {
        row.hidden = !words.every((word) => text.includes(word));
        if (!row.hidden) shown += 1;
      }
      for (const row of sums) row.hidden = words.length > 0;
      count.textContent = words.length ? block.dataset.filtered.replace("{n}", shown).replace("{m}", rows.length) : "";
    });
  }
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.setAttribute("aria-hidden", "true");
  const hide = () => tip.remove();
  const show = (event) => {
    const place = event.target.closest("rect");
    if (!place) return hide();
    const title = place.querySelector("title");
    if (title) {
      place.dataset.said = title.textContent;
      title.remove();
    }
    tip.textContent = place.dataset.said;
    document.body.append(tip);
    const { width, height } = tip.getBoundingClientRect();
    const left = event.clientX + 14 + width > window.innerWidth ? event.clientX - 14 - width : event.clientX + 14;
    tip.style.left = `${Math.max(4, left)}px`;
    tip.style.top = `${Math.max(4, Math.min(event.clientY + 14, window.innerHeight - height - 4))}px`;
  };
  for (const zones of document.querySelectorAll(".zones")) {
    // The drawing's own name would be shown over its values.
    zones.closest("svg").querySelector(":scope > title")?.remove();
    zones.addEventListener("pointermove", show);
    zones.addEventListener("pointerleave", hide);
  }
  // The section in view is marked in the contents.
  if ("IntersectionObserver" in window) {
    const links = new Map([...document.querySelectorAll(".contents a")].map((a) => [a.hash.slice(1), a]));
    const seen = new Set();
    const watch = new IntersectionObserver((entries) => {
      for (const e of entries) e.isIntersecting ? seen.add(e.target.id) : seen.delete(e.target.id);
      const first = [...links.keys()].find((id) => seen.has(id));
      for (const [id, a] of links) id === first ? a.setAttribute("aria-current", "true") : a.removeAttribute("aria-current");
    }, { rootMargin: "-10% 0px -70% 0px" });
    for (const id of links.keys()) { const s = document.getElementById(id); if (s) watch.observe(s); }
  }
})();
