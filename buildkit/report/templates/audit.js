"use strict";
// Filters and order of the table of images; their state lives in the address after "#", so that a link can hold it.
// Rows are in the page already: nothing is built here, rows are only hidden and moved.
(() => {
  const form = document.getElementById("filters");
  const table = document.getElementById("table");
  const body = table.tBodies[0];
  const shown = document.getElementById("shown");
  const nothing = document.getElementById("nothing");
  const title = document.getElementById("images-title");
  const field = form.elements;
  const names = ["q", "component", "platform", "verdict", "status"];
  const platforms = Array.from(field.platform.options, (one) => one.value).slice(1);
  const rank = ["absent", "not-an-image", "unknown", "missing", "mislabelled", "suspect", "supported", "-"];
  const ranks = {
    status: ["fails", "unknown", "known", "excepted", "allowed", "ok", "not-counted"],
    arm64: ["fails", "emulated", "unknown", "native"],
  };
  const rows = Array.from(body.rows, (row, place) => ({
    row, place, verdict: row.dataset.v, platforms: row.dataset.p.split(" "), status: row.dataset.s,
    component: row.dataset.c, arm64: row.dataset.a || "", name: row.querySelector(".name").textContent, text: "",
  }));
  let sorted = "";
  let later = 0;

  // What a search looks at: names, files, objects. Gathered when nothing else is to do, at the latest for a search.
  const gather = (one) => {
    const parts = one.row.querySelectorAll(".name, code, .object, .whose, .reason");
    one.text = Array.from(parts, (part) => part.textContent).concat(one.component).join("\n").toLowerCase();
  };
  const idle = window.requestIdleCallback || ((work) => setTimeout(() => work({ timeRemaining: () => 5 }), 50));
  let gathered = 0;
  const gatherSome = (time) => {
    while (gathered < rows.length && time.timeRemaining() > 1) {
      if (!rows[gathered].text) gather(rows[gathered]);
      gathered += 1;
    }
    if (gathered < rows.length) idle(gatherSome);
  };
  idle(gatherSome);

  const fits = (one, state) => {
    const at = platforms.indexOf(state.platform);
    const verdict = at < 0 ? one.verdict : one.platforms[at];
    if (verdict === "-") return false;
    if (state.verdict === "problem" ? verdict === "supported" : state.verdict && verdict !== state.verdict) return false;
    if (state.status && one.status !== state.status) return false;
    if (state.component && one.component !== state.component) return false;
    if (state.counted && one.status === "not-counted") return false;
    if (!state.words.length) return true;
    if (!one.text) gather(one);
    return state.words.every((word) => one.text.includes(word));
  };

  const apply = () => {
    const state = { counted: field.counted.checked };
    for (const name of names) state[name] = field[name].value;
    state.words = state.q.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const one of rows) {
      const hidden = !fits(one, state);
      if (one.row.hidden !== hidden) one.row.hidden = hidden;
      if (!hidden) count += 1;
    }
    shown.textContent = `${count} of ${rows.length} images shown`;
    nothing.hidden = count > 0;
  };

  const keyOf = (by) => {
    const at = platforms.indexOf(by);
    if (at >= 0) return (one) => rank.indexOf(one.platforms[at]);
    if (ranks[by]) return (one) => ranks[by].indexOf(one[by]);
    return (one) => one[by].toLowerCase();
  };
  const order = (by) => {
    if (by === sorted) return;
    sorted = by;
    const key = by && keyOf(by.replace(/^-/, ""));
    const sign = by.startsWith("-") ? -1 : 1;
    const keyed = rows.map((one) => ({ one, key: key ? key(one) : 0 }));
    keyed.sort((a, b) => (a.key < b.key ? -sign : a.key > b.key ? sign : a.one.place - b.one.place));
    body.append(...keyed.map((each) => each.one.row));
    for (const head of heads) {
      const mine = by.replace(/^-/, "") === head.dataset.sort;
      if (mine) head.setAttribute("aria-sort", sign < 0 ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    }
  };

  const write = () => {
    const parts = [];
    for (const name of names) if (field[name].value) parts.push([name, field[name].value]);
    if (field.counted.checked) parts.push(["counted", "1"]);
    if (sorted) parts.push(["sort", sorted]);
    const text = parts.map(([name, value]) => `${name}=${encodeURIComponent(value).replace(/%2F/g, "/")}`).join("&");
    // Only the part after "#": anything more is refused where the page is a file on a share.
    try { history.replaceState(null, "", `#${text}`); } catch { /* refused when done too often: the next one tells */ }
  };
  const writeSoon = () => { clearTimeout(later); later = setTimeout(write, 250); };

  const read = (hash) => {
    const wanted = new URLSearchParams(hash.slice(1));
    for (const name of names) {
      const value = wanted.get(name) || "";
      const options = field[name].options;
      const known = options && Array.from(options).find((one) => one.value.toLowerCase() === value.toLowerCase());
      field[name].value = options ? (known ? known.value : "") : value;
    }
    field.counted.checked = wanted.get("counted") === "1";
    const by = wanted.get("sort") || "";
    order(heads.some((head) => head.dataset.sort === by.replace(/^-/, "")) ? by : "");
    apply();
  };

  const follow = (moved) => {
    const hash = location.hash;
    if (hash.includes("=")) {
      read(hash);
      title.scrollIntoView();
      if (moved) title.focus({ preventScroll: true });
      return;
    }
    const row = hash.startsWith("#i-") && document.getElementById(hash.slice(1));
    if (!row) return;
    if (row.hidden) { form.reset(); apply(); }
    const details = row.querySelector("details");
    if (details) details.open = true;
    row.scrollIntoView({ block: "center" });
  };

  const heads = Array.from(table.tHead.querySelectorAll("[data-sort]"));
  for (const head of heads) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const by = head.dataset.sort;
      order(sorted === by ? `-${by}` : sorted === `-${by}` ? "" : by);
      writeSoon();
    });
  }
  form.addEventListener("input", () => { apply(); writeSoon(); });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(() => { apply(); write(); }));
  window.addEventListener("hashchange", () => follow(true));
  document.addEventListener("click", (event) => {
    const to = event.target.closest && event.target.closest('a[href^="#"]');
    if (to && to.hash === location.hash) follow(true);
  });
  form.hidden = false;
  apply();
  if (location.hash) follow(false);
})();
