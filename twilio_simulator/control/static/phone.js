"use strict";
/* The page of phones, a client of the control API: first the list of phones, then the event stream. Actions show when
   their events arrive. Text from webhooks only ever becomes text nodes. */

const $ = (id) => document.getElementById(id);
const KEYS = "1 2ABC 3DEF 4GHI 5JKL 6MNO 7PQRS 8TUV 9WXYZ * 0+ #".split(" ");
const MOST_ROWS = 400;
const HISTORY = 400;
const TIME = new Intl.DateTimeFormat([], { timeStyle: "medium", hourCycle: "h23" });

const phones = new Map(); // by number
const owners = new Map(); // by sid of a call or text
let selected = null;
let ours = [];
let messengers = []; // our addresses on WhatsApp
const WHATSAPP = "whatsapp:";
let clock = { now: 0, at: 0, speed: 1, told: false };

function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value != null && value !== false) made.setAttribute(name, value === true ? "" : value);
  made.append(...children.filter((child) => child != null));
  return made;
}

const on = (id, name, work) => $(id).addEventListener(name, work);
const span = (name, ...children) => make("span", { class: name }, ...children);

function put(id, text) { // the same text again would be read out again
  if ($(id).textContent !== text) $(id).textContent = text;
}

function readable(number) {
  if (number?.startsWith(WHATSAPP)) return `WhatsApp ${readable(number.slice(WHATSAPP.length))}`;
  const data = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(number || "");
  return data ? `+1 ${data[1]} ${data[2]} ${data[3]}` : number || "";
}

const plural = (count, name) => `${count} ${name}${count > 1 ? "s" : ""}`;

function minutes(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

// The control API

async function api(method, path, body) {
  const answer = await fetch(`simulator/${path}`, { method, body: body && JSON.stringify(body) });
  const text = await answer.text();
  const data = text ? JSON.parse(text) : {};
  if (!answer.ok) throw new Error(data.error || `The simulator answered ${answer.status}`);
  return data;
}

const pathOf = (number) => `phones/${encodeURIComponent(number)}`;
const phoneApi = (action, body) => api("POST", `${pathOf(selected)}/${action}`, body);

async function attempt(work) {
  try {
    return await work();
  } catch (problem) {
    notify(problem instanceof TypeError ? "The simulator does not answer." : problem.message);
    return undefined;
  }
}

let hiding = 0;

function notify(sentence) {
  $("notice").textContent = sentence;
  $("notice").hidden = false;
  clearTimeout(hiding);
  hiding = setTimeout(() => { $("notice").hidden = true; }, 6000);
}

// Sound: a ringer, the tones of the keys, and the browser's own voice

let audio = null;
let ringing = 0;
let ringerOn = true;
let muted = false;

function wake() { // browsers allow sound only after the person has done something
  audio ??= window.AudioContext ? new AudioContext() : null;
  if (audio && audio.state === "suspended") audio.resume().then(renderHandset, () => {});
}

function tone(frequency, { after = 0, seconds = 0.14, volume = 0.05, fade = false } = {}) {
  if (!audio || audio.state !== "running") return;
  const begin = audio.currentTime + after;
  const oscillator = audio.createOscillator();
  const gain = audio.createGain();
  oscillator.frequency.value = frequency;
  gain.gain.setValueAtTime(0, begin);
  gain.gain.linearRampToValueAtTime(volume, begin + 0.008);
  if (fade) gain.gain.exponentialRampToValueAtTime(0.0001, begin + seconds);
  else gain.gain.setTargetAtTime(0, begin + seconds - 0.02, 0.008);
  oscillator.connect(gain).connect(audio.destination);
  oscillator.start(begin);
  oscillator.stop(begin + seconds + 0.1);
}

function trill() { // a small bell, struck twice nine times
  for (let strike = 0; strike < 18; strike += 1) {
    const after = strike * 0.055 + (strike >= 9 ? 0.28 : 0);
    tone(strike % 2 ? 698 : 880, { after, seconds: 0.2, volume: 0.035, fade: true });
  }
}

function ring(on) {
  if (on === !!ringing) return;
  clearInterval(ringing);
  ringing = 0;
  if (!on) return;
  trill();
  ringing = setInterval(trill, 3000);
}

function sound(key) {
  const place = KEYS.findIndex((name) => name.startsWith(key));
  if (muted || place < 0) return;
  tone([697, 770, 852, 941][Math.floor(place / 3)]);
  tone([1209, 1336, 1477][place % 3]);
}

function speak(text, language) { // without a voice for the language the browser stays silent
  if (muted || !window.speechSynthesis) return;
  const words = new SpeechSynthesisUtterance(text);
  words.lang = language;
  words.rate = Math.min(clock.speed, 4) * 1.05;
  speechSynthesis.speak(words);
}

function hush() {
  if (window.speechSynthesis) speechSynthesis.cancel();
}

// Phones

function phoneOf(number) {
  if (!phones.has(number)) {
    phones.set(number, { number, last: 0, status: "idle", call: null, lines: [], texts: [], unread: 0, settings: {} });
    renderPhones();
  }
  return phones.get(number);
}

function takeOver(data) { // a phone as the simulator describes it
  const phone = phoneOf(data.number);
  const call = data.call || data.past_calls.at(-1);
  phone.settings = data;
  phone.status = data.call ? data.state : "idle";
  phone.call = null;
  if (call) {
    const outgoing = call.direction === "inbound";
    phone.call = { sid: call.sid, outgoing, other: outgoing ? call.to : call.from, answered: call.answered, ended: call.ended, outcome: data.call ? null : call.status };
    owners.set(call.sid, data.number);
  }
  phone.lines = data.heard.map((heard) => ({ ...heard, at: heard.began, now: heard.ended === null }));
  phone.texts = data.texts.map((text) => ({ ...text, other: text.from }));
  for (const text of phone.texts) owners.set(text.message_sid, data.number);
  phone.last = Math.max(0, call?.started || 0, phone.texts.at(-1)?.at || 0);
}

function select(number, view) {
  if (!phones.has(number)) return;
  if (selected !== number) {
    hush();
    selected = number;
    $("tape").replaceChildren();
    $("thread").replaceChildren();
    history.replaceState(null, "", `#${number}`);
    const phone = phones.get(number);
    for (const line of phone.lines) line.node = null;
    for (const text of phone.texts) text.node = null;
    if (!phone.settings.behaviour) attempt(async () => { phone.settings = await api("GET", pathOf(number)); renderControls(); });
  }
  show(view || (phones.get(number).unread && phones.get(number).status === "idle" ? "texts" : "call"));
  renderControls();
  filterRows();
  $("phones").scrollLeft = $("phones").querySelector("[aria-current]").offsetLeft - 40;
}

function active() {
  return phones.get(selected);
}

/** Select a phone when something happens on it, unless the user is busy with a phone. */
function surface(phone, view) {
  const present = active();
  const busy = present === phone ? view === "texts" && document.hasFocus() && $("handset").contains(document.activeElement) : present && (present.status !== "idle" || $("words").value);
  if (!busy) select(phone.number, view);
}

function stateOf(phone) {
  if (phone.status === "ringing") return phone.call.outgoing ? "calling" : "ringing";
  return phone.status === "in-progress" ? "talking" : "idle";
}

function sentence(phone) {
  const call = phone.call;
  const present = { ringing: "Incoming call", calling: "Calling", talking: "Connected" }[stateOf(phone)];
  if (present) return present;
  if (!call) return phone.coming ? "A call is on its way" : "Not in a call";
  return {
    completed: `Call ended${call.answered && call.ended ? `, ${minutes(call.ended - call.answered)}` : ""}`,
    busy: call.declined ? "Declined" : call.outgoing ? "They are busy" : "A call came: busy",
    "no-answer": call.outgoing ? "No answer" : "Missed call",
    failed: "A call did not get through",
    canceled: "The caller gave up",
  }[call.outcome] || "Not in a call";
}

/** A phone that rings comes first, then the one with the newest call or text. */
function ordered() {
  return [...phones.values()].reverse().sort((one, other) => (stateOf(other) === "ringing") - (stateOf(one) === "ringing") || other.last - one.last);
}

function renderPhones() {
  const list = $("phones");
  const focused = list.contains(document.activeElement) ? document.activeElement : null;
  let place = list.firstElementChild;
  const known = new Map([...list.children].map((item) => [item.dataset.number, item]));
  for (const phone of ordered()) {
    let item = known.get(phone.number);
    if (!item) {
      const button = make("button", { type: "button" }, $("call").firstChild.cloneNode(true), make("bdi", { class: "number" }, readable(phone.number)), span("doing"));
      button.addEventListener("click", () => select(phone.number));
      item = make("li", { "data-number": phone.number }, button);
    }
    if (item === place) place = place.nextElementSibling;
    else list.insertBefore(item, place);
    const state = stateOf(phone);
    item.dataset.state = state;
    const texts = phone.unread ? `, ${plural(phone.unread, "new text")}` : "";
    item.querySelector(".doing").textContent = (state === "ringing" ? "Ringing" : sentence(phone)) + texts;
    if (phone.number === selected) item.firstChild.setAttribute("aria-current", "true");
    else item.firstChild.removeAttribute("aria-current");
  }
  focused?.focus({ preventScroll: true });
}

// The selected phone

function render() {
  renderPhones();
  renderHandset();
}

function renderHandset() {
  const phone = active();
  const anyRings = [...phones.values()].find((one) => stateOf(one) === "ringing");
  const unread = [...phones.values()].reduce((sum, one) => sum + one.unread, 0);
  document.title = anyRings ? `☎ ${readable(anyRings.call.other)} is calling` : `${unread ? `(${unread}) ` : ""}Telephones`;
  ring(!!anyRings && ringerOn);
  if (!phone) return;
  const state = stateOf(phone);
  const call = phone.call;
  const focused = document.activeElement;
  $("handset").dataset.state = state;
  $("handset").setAttribute("aria-label", `Phone ${readable(phone.number)}`);
  put("plate", readable(phone.number));
  put("state", sentence(phone));
  put("who", readable(call && (state !== "idle" || phone.lines.length) ? call.other : phone.number) || "Unknown");
  $("answer").hidden = $("decline").hidden = state !== "ringing";
  $("mute").hidden = $("hang-up").hidden = state !== "talking" && state !== "calling";
  $("call").hidden = state !== "idle";
  $("call").disabled = !ours.length;
  $("to-row").hidden = !$("to").options.length || (state !== "idle" && $("view-texts").hidden);
  $("keypad").hidden = $("view-call").hidden;
  for (const key of $("keypad").children) key.disabled = state !== "talking";
  $("unread").hidden = !phone.unread;
  put("unread", `${phone.unread} new`);
  put("hint", hint(phone, state));
  renderLines(phone);
  renderTexts(phone);
  renderTimer();
  // After answering, or when the focused button is gone, keys still reach the phone.
  if (focused?.closest("[hidden]") || (focused === $("handset") && state === "talking")) $(state === "talking" ? "keypad" : "handset").focus({ preventScroll: true });
}

function hint(phone, state) {
  if (state === "ringing") return audio && audio.state === "running" ? "" : "Click anywhere to hear it ring.";
  if (state !== "idle" || phone.lines.length) return "";
  return ours.length ? "Nothing has been said yet. When this number is called, it rings here." : "The account has no number of its own yet, so there is nothing to call or text.";
}

function renderTimer() {
  const phone = active();
  const talking = phone && stateOf(phone) === "talking";
  put("timer", talking && phone.call.answered ? minutes(simulated() - phone.call.answered) : "");
}

function simulated() {
  return clock.now + (clock.told ? 0 : ((Date.now() - clock.at) / 1000) * clock.speed);
}

function following(box, change) { // keeps the newest in view, unless the person has scrolled up
  const low = box.scrollHeight - box.scrollTop - box.clientHeight < 48;
  change();
  if (low) box.scrollTop = box.scrollHeight;
}

function renderLines(phone) {
  following($("tape"), () => {
    let keys = null;
    for (const line of phone.lines) {
      if (line.kind === "key") {
        if (!keys && !line.node) $("tape").append((keys = make("p", { class: "keys" }, span("mark", "you pressed"))));
        if (!line.node) keys.append(" ", (line.node = make("kbd", line.listened ? {} : { class: "lost", title: "Nothing was listening" }, line.text)));
        keys = line.node.parentNode;
        continue;
      }
      keys = null;
      if (!line.node) $("tape").append((line.node = make("p", { lang: line.language, dir: "auto" })));
      const shown = `${line.cut_by}${line.now}`;
      if (line.shown === shown && line.node.firstChild) continue;
      line.shown = shown;
      line.node.className = line.kind === "say" ? (line.now ? "now" : "") : "aside";
      line.node.replaceChildren(...pieces(line));
    }
  });
}

function pieces(line) {
  if (line.kind === "play") return [`Plays ${line.text}`];
  if (line.kind === "keys") return [`Tones: ${line.text}`];
  if (!line.cut_by) return [line.text];
  const by = { key: "cut off by a key", "hang-up": "you hung up", dropped: "the line dropped", rest: "the caller hung up", update: "replaced by the caller" }[line.cut_by] || "cut off";
  return [line.spoken || "", span("rest", line.text.slice((line.spoken || "").length)), make("span", { class: "mark", lang: "en" }, ` (${by})`)];
}

function renderTexts(phone) {
  following($("thread"), () => {
    for (const text of phone.texts) {
      if (!text.node) $("thread").append((text.node = make("p", { class: text.mine ? "mine" : "theirs", dir: "auto" }, text.body, ...(text.media || []).map(picture), make("small", { dir: "ltr", lang: "en" }, `${text.mine ? "to" : "from"} ${readable(text.other)}`))));
    }
  });
}

function picture(address) { // shown by its address: the page loads nothing from other hosts
  return make("a", { href: /^https?:/.test(address) ? address : null, rel: "noreferrer", target: "_blank", dir: "ltr" }, address);
}

function show(view) {
  for (const name of ["call", "texts"]) {
    $(`view-${name}`).hidden = name !== view;
    $(`tab-${name}`).setAttribute("aria-selected", name === view);
    $(`tab-${name}`).tabIndex = name === view ? 0 : -1;
  }
  if (view === "texts" && active()) active().unread = 0;
  renderTo();
  render();
  if (view === "texts") $("thread").scrollTop = $("thread").scrollHeight;
}

function renderTo() {
  const phone = active();
  const reachable = [...new Set([...ours, ...messengers, ...(phone ? phone.texts.map((text) => text.other) : [])])].filter((number) => number && number !== selected);
  const before = $("to").value;
  $("to").replaceChildren(...reachable.map((number) => make("option", { value: number, selected: number === before }, readable(number))));
}

// Events

function begin(phone, call) {
  phone.call = { answered: null, ended: null, outcome: null, ...call };
  phone.lines = [];
  if (phone.number === selected) {
    hush();
    $("tape").replaceChildren();
  }
}

function settle(phone) { // nothing is being said
  for (const line of phone.lines) line.now = false;
}

const happenings = {
  "call-status-changed"(event) {
    const phone = phoneOf(event.number);
    const outgoing = event.direction === "inbound";
    const mine = phone.call?.sid === event.call_sid;
    phone.coming = event.status === "queued";
    if (phone.coming && phone.status === "idle") {
      begin(phone);
      phone.call = null;
    }
    if (event.status === "ringing" && outgoing) {
      begin(phone, { sid: event.call_sid, outgoing, other: phone.dialled || (ours.length === 1 ? ours[0] : "") });
      phone.status = "ringing";
    } else if (event.status === "in-progress" && mine) {
      phone.status = "in-progress";
      phone.call.answered = event.at;
    } else if (["completed", "busy", "no-answer", "failed", "canceled"].includes(event.status)) {
      if (!mine && phone.status !== "idle") return; // another call, while this phone was in one
      if (!mine) begin(phone, { sid: event.call_sid, outgoing, other: "" });
      settle(phone);
      phone.status = "idle";
      phone.call.ended = event.at;
      phone.call.outcome = event.status;
    }
    if (!active() && event.status === "queued") select(phone.number);
    if (phone.status !== "ringing") put("alert", "");
  },
  "phone-rings"(event) {
    const phone = phoneOf(event.number);
    begin(phone, { sid: event.call_sid, outgoing: false, other: event.caller });
    phone.status = "ringing";
    put("alert", `${readable(event.caller)} is calling ${readable(event.number)}`);
    readClock();
    surface(phone, "call");
  },
  "phone-quiet"(event) {
    settle(phoneOf(event.number));
  },
  "say-began"(event) {
    const phone = phoneOf(event.number);
    settle(phone);
    phone.lines.push({ ...event, kind: "say", now: true });
    if (event.number === selected) speak(event.text, event.language);
  },
  "say-cut-off"(event) {
    const phone = phoneOf(event.number);
    const line = phone.lines.findLast((one) => one.kind !== "key" && one.text === event.text);
    if (line) Object.assign(line, { cut_by: event.cut_by, spoken: event.spoken, now: false });
    if (event.number === selected) hush();
  },
  "play-began"(event) {
    const phone = phoneOf(event.number);
    settle(phone);
    phone.lines.push({ ...event, kind: "play", text: event.what });
  },
  "key-pressed"(event) {
    phoneOf(event.number).lines.push({ ...event, kind: "key", text: event.key });
  },
  "text-arrived"(event) {
    const phone = phoneOf(event.number);
    phone.texts.push({ ...event, other: event.sender });
    if (phone.number !== selected || $("view-texts").hidden) phone.unread += 1;
    if (ringerOn) [[988, 0], [1319, 0.13]].forEach(([pitch, after]) => tone(pitch, { after, seconds: 0.5, fade: true }));
    put("alert", `A text from ${readable(event.sender)}`);
    if (phone.status === "idle") surface(phone, "texts");
    renderTo();
  },
  "text-written"(event) {
    phoneOf(event.number).texts.push({ ...event, other: event.to, mine: true });
  },
};

function happen(event) {
  clock = { ...clock, now: Math.max(event.at, clock.told ? 0 : simulated()), at: Date.now() };
  happenings[event.kind]?.(event);
  touch(event);
  following($("log"), () => { note(event); filterRows(); });
  render();
  if (faults.waiting && event.kind === "rest-request-received") attempt(readFaults);
}

function touch(event) { // when the phone was last called or texted
  if (["phone-rings", "text-arrived", "text-written"].includes(event.kind) || event.status === "ringing") phoneOf(event.number).last = event.at;
}

/** Adds from the history what the list of phones lacks: pressed keys and sent texts. */
function remember(event) {
  const phone = phones.get(event.number);
  const isKey = event.kind === "key-pressed" && phone?.call?.sid === event.call_sid;
  if (isKey || event.kind === "text-written") happenings[event.kind](event);
}

// Behind the call

const rows = [];

function ownerOf(event) {
  if (event.number) return event.number;
  const sid = event.sid || event.call_sid || event.message_sid || (/\b(?:CA|SM|MM)[0-9a-f]{32}\b/.exec(event.path || "") || [])[0];
  return owners.get(sid) || (valueOf(event.parameters, "To") || "").replace(WHATSAPP, "") || null;
}

const valueOf = (pairs, name) => (pairs?.find(([key]) => key === name) || [])[1] || "";
const short = (address) => address.replace(/^https?:\/\/[^/]+/, "").replace(/([A-Z]{2})[0-9a-f]{32}/g, "$1…");

const noted = {
  "rest-request-received": (event) => ({
    kind: "to Twilio", what: `${event.method} ${short(event.path).replace(/^(\/api\/laml)?\/2010-04-01\/Accounts\/[^/]+\//, "")}`, end: event.status, bad: event.status >= 400,
    inside: () => [...line("Request", `${event.method} ${event.path}`), ...line("Answer", `${event.status}${event.code ? `, code ${event.code}` : ""}`), ...fields(event.parameters)],
  }),
  "webhook-sent": (event) => ({
    kind: "to you", what: title(event), end: "…",
    inside: (row) => [...line("Request", `${event.method} ${event.url}`), ...line("Signature", event.signature || "none"), ...answer(row.answer), ...fields(event.parameters)],
  }),
  "document-started": (event) => (event.url ? null : { kind: "document", what: "TwiML of the REST request", sub: verbs(event.document), inside: () => [make("pre", {}, ...pretty(event.document))] }),
  "call-status-changed": (event) => ({ kind: "call", what: { queued: "Call queued", ringing: "Ringing", "in-progress": "Answered", completed: "Call over" }[event.status] || `Call over: ${event.status}`, className: "call" }),
  "message-status-changed": (event) => ({ kind: "text", what: `Text ${event.status}`, end: event.error_code, bad: event.error_code }),
  warned: (event) => ({ kind: event.level, what: event.message, end: event.code, bad: true, warning: true, inside: event.url ? () => line("Address", event.url) : null }),
};

function title(event) {
  if (event.purpose === "status-callback") return `Status callback: ${valueOf(event.parameters, "CallStatus") || valueOf(event.parameters, "MessageStatus")}`;
  if (event.purpose === "amd-callback") return `Who answered: ${valueOf(event.parameters, "AnsweredBy")}`;
  return `${event.method} ${short(event.url)}`;
}

const line = (heading, text) => [make("h3", {}, heading), make("p", {}, ...breakable(String(text)))];

/** A path breaks after its slashes, not inside a word. */
function breakable(text) {
  return text.split(/(?<=[/?&])(?=.)/).flatMap((part, place) => (place ? [make("wbr"), part] : [part]));
}

function fields(pairs) {
  const full = pairs.filter(([, value]) => value !== "");
  const empty = pairs.filter(([, value]) => value === "").map(([name]) => name);
  const list = make("dl", {}, ...full.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]));
  return [make("h3", {}, "Fields"), list, empty.length ? make("p", { class: "note" }, `Empty: ${empty.join(", ")}`) : null];
}

function answer(event) {
  if (!event) return line("Answer", "not yet");
  if (event.fault) return line("No answer", event.fault);
  const head = line("Answer", [event.status, event.content_type, `${event.body.length} characters`].filter(Boolean).join(", "));
  return event.body.trim() ? [...head, make("pre", {}, ...pretty(event.body))] : head;
}

function note(event) {
  if (event.call_sid) owners.set(event.call_sid, event.number || owners.get(event.call_sid));
  if (event.message_sid) owners.set(event.message_sid, event.number);
  if (event.kind === "webhook-answered") answered(event);
  const data = noted[event.kind]?.(event);
  if (!data) return;
  const row = { ...data, event, number: ownerOf(event) };
  build(row);
  rows.push(row);
  $("log").append(row.item);
  if (rows.length > MOST_ROWS) rows.shift().item.remove();
}

function answered(event) {
  const row = rows.find((one) => one.event.kind === "webhook-sent" && !one.answer && one.event.sid === event.sid && one.event.url === event.url);
  if (!row) return;
  const real = Math.round(((event.at - row.event.at) * 1000) / clock.speed);
  row.answer = event;
  row.end.textContent = event.fault ? "no answer" : `${event.status} · ${real} ms`;
  row.item.classList.toggle("bad", !!event.fault || event.status >= 400);
  row.sub.textContent = event.body.includes("<Response") ? verbs(event.body) : "";
  if (row.open) fill(row);
}

function build(row) {
  const time = TIME.format(row.event.at * 1000);
  row.end = span("end", row.end || "");
  row.sub = span("sub", row.sub || "");
  const parts = [span("at", time), span("kind", row.kind), span("what", ...breakable(row.what), row.sub), row.end];
  row.item = make("li", { class: row.className || "" });
  row.item.classList.toggle("bad", !!row.bad);
  if (!row.inside) {
    row.item.append(make("div", { class: "row" }, ...parts));
    return;
  }
  row.details = make("details", {}, make("summary", { class: "row" }, ...parts));
  row.details.addEventListener("toggle", () => { row.open = row.details.open; fill(row); });
  row.item.append(row.details);
}

function fill(row) { // only what is open is in the document
  row.details.querySelector(".inside")?.remove();
  if (row.open) row.details.append(make("div", { class: "inside" }, ...row.inside(row)));
}

function filterRows() {
  const all = !$("only").checked;
  for (const row of rows) row.item.hidden = !(all || row.number === null || row.number === selected);
  const shown = rows.filter((row) => !row.item.hidden);
  const warnings = shown.filter((row) => row.warning).length;
  $("nothing").hidden = shown.length > 0;
  $("log").hidden = !shown.length;
  $("warning-count").hidden = !warnings;
  put("warning-count", plural(warnings, "warning"));
}

/* TwiML, indented and colored, with a regular expression, because invalid documents are shown too. */

const TOKENS = /<!--[^]*?-->|<(?:"[^"]*"|'[^']*'|[^<>"'])*>|[^<]+|</g;
const nameOf = (token) => (/^<\/?([^\s/>]+)/.exec(token) || [])[1];
const isOpening = (token) => /^<[^/?!]/.test(token) && !token.endsWith("/>");

function pretty(source) {
  const tokens = source.trim().match(TOKENS) || [];
  if (!source.trim().startsWith("<")) return [source];
  const lines = [];
  let depth = 0;
  for (let place = 0; place < tokens.length; place += 1) {
    const token = tokens[place];
    if (!token.trim()) continue;
    if (token.startsWith("</")) depth = Math.max(0, depth - 1);
    const parts = ["  ".repeat(depth), ...coloured(token)];
    if (isOpening(token)) {
      const [text, end] = tokens.slice(place + 1, place + 3);
      if (text && !text.startsWith("<") && end === `</${nameOf(token)}>`) {
        parts.push(text.trim(), ...coloured(end));
        place += 2;
      } else depth += 1;
    }
    lines.push(...parts, "\n");
  }
  return lines.slice(0, -1);
}

function coloured(token) {
  if (!token.startsWith("<") || /^<[?!]/.test(token)) return [token.trim()];
  const data = /^(<\/?)([^\s/>]+)([^]*?)(\/?>)?$/.exec(token);
  if (!data) return [token];
  return [data[1], span("tag", data[2]), ...data[3].split(/([\w:.-]+(?==))/).map((part, place) => (place % 2 ? span("name", part) : part)), data[4] || ""];
}

/** The verbs of a document in a line: Say · Gather (Say, Pause) · Redirect. */
function verbs(source) {
  const outer = [];
  let depth = 0;
  for (const token of source.match(TOKENS) || []) {
    if (token.startsWith("</")) depth -= 1;
    else if (/^<[^?!]/.test(token)) {
      if (depth === 1) outer.push({ name: nameOf(token), inner: [] });
      if (depth === 2 && outer.at(-1).name === "Gather") outer.at(-1).inner.push(nameOf(token));
      if (isOpening(token)) depth += 1;
    }
  }
  return counted(outer.map(({ name, inner }) => (inner.length ? `${name} (${counted(inner).join(", ")})` : name))).join(" · ") || "empty document";
}

function counted(names) {
  return [...new Set(names)].map((name) => {
    const times = names.filter((one) => one === name).length;
    return times > 1 ? `${name} ×${times}` : name;
  });
}

// Faults

const USUAL = { behaviour: "wait", after: 0, drop_after: null, texts: "delivered", text_code: null, whatsapp: "delivered", line_type: "mobile" };
const CALLED = { texts: "texts_are", whatsapp: "whatsapp_is" }; // in the state of a phone
const PLAN = { lose: [], delay: 0, double: false, reorder: false };
const same = (one, other) => JSON.stringify({ ...PLAN, ...one }) === JSON.stringify({ ...PLAN, ...other });
let faults = { waiting: 0, callbacks: PLAN, webhooks: { signing: "right", latency: 0 }, carrier: { down: false } };

function choose(name, value, usual) {
  $(name).value = value ?? "";
  $(name).classList.toggle("changed", value !== usual);
}

function renderControls() {
  const settings = active()?.settings || {};
  for (const [name, usual] of Object.entries(USUAL)) {
    const value = settings[CALLED[name] ?? name] ?? usual;
    choose(name, value, usual);
    $(name).disabled = !active();
  }
  $("after").disabled = !["answer", "decline", "voicemail", "fax", "silence"].includes($("behaviour").value);
  countWrong();
}

function renderFaults() {
  const { callbacks, webhooks, carrier, waiting } = faults;
  choose("latency", webhooks.latency, 0);
  choose("signing", webhooks.signing, "right");
  choose("callbacks", [...$("callbacks").options].find((option) => same(JSON.parse(option.value), callbacks))?.value ?? "", "{}");
  $("down").checked = carrier.down;
  put("waiting", waiting ? `${plural(waiting, "request")} will be refused.` : "");
  countWrong();
}

function countWrong() {
  const wrong = document.querySelectorAll(".controls .changed").length + faults.carrier.down + (faults.waiting > 0);
  $("wrong-count").hidden = !wrong;
  put("wrong-count", `${wrong} set`);
}

async function readFaults() {
  faults = await api("GET", "faults");
  renderFaults();
}

async function readClock() {
  const data = await api("GET", "clock");
  clock = { now: data.now, at: Date.now(), speed: data.speed || 1, told: data.told };
  $("time").hidden = !data.told;
}

function listenToControls() {
  for (const form of document.forms) form.addEventListener("submit", (event) => event.preventDefault());
  on("this-phone", "change", ({ target }) => attempt(async () => {
    const phone = active();
    const numeric = ["after", "drop_after", "text_code"].includes(target.name);
    const empty = target.name === "after" ? 0 : null;
    if (phone && target.checkValidity()) phone.settings = await api("PUT", pathOf(phone.number), { [target.name]: numeric ? (target.value === "" ? empty : Number(target.value)) : target.value });
    else notify("From 0 to 600 seconds, please.");
    renderControls();
  }));
  let changing = 0; // what is being changed now must not be shown as it was before
  const change = (work) => () => attempt(async () => {
    changing += 1;
    await work().finally(() => { changing -= 1; });
    if (!changing) await readFaults();
  });
  on("latency", "change", change(() => api("PUT", "webhooks", { latency: Number($("latency").value) })));
  on("signing", "change", change(() => api("PUT", "webhooks", { signing: $("signing").value })));
  on("callbacks", "change", change(() => api("PUT", "callbacks", JSON.parse($("callbacks").value))));
  on("down", "change", change(() => api("PUT", "carrier", { down: $("down").checked })));
  on("refuse", "click", change(() => api("POST", "faults", JSON.parse($("refusal").value))));
  on("well", "click", change(async () => {
    await api("DELETE", "faults");
    if (active()) active().settings = await api("PUT", pathOf(selected), USUAL);
    renderControls();
    notify("Everything works again.");
  }));
  for (const button of $("time").querySelectorAll("button")) {
    const { seconds } = button.dataset;
    button.addEventListener("click", () => attempt(() => (seconds ? api("POST", "clock/advance", { seconds: Number(seconds) }) : api("POST", "clock/run"))));
  }
}

// Actions

let pressing = Promise.resolve(); // one key after the other, however fast they are typed

function press(key) {
  const phone = active();
  if (!phone || stateOf(phone) !== "talking") return;
  sound(key);
  const button = [...$("keypad").children].find((one) => one.dataset.key === key);
  button.classList.add("down");
  setTimeout(() => button.classList.remove("down"), 130);
  pressing = pressing.then(() => attempt(() => phoneApi("press", { digits: key })));
}

async function act(button, work) {
  if (document.activeElement === button) $("handset").focus({ preventScroll: true });
  button.disabled = true;
  await attempt(work);
  button.disabled = false;
  renderHandset();
}

function listenToPhone() {
  for (const [key, ...letters] of KEYS) {
    const button = make("button", { type: "button", "data-key": key, "aria-label": { "*": "star", "#": "pound" }[key] || key, disabled: true }, make("b", {}, key), make("small", { "aria-hidden": "true" }, ...letters));
    button.addEventListener("click", () => press(key));
    $("keypad").append(button);
  }
  on("handset", "keydown", (event) => {
    const typing = event.target.matches("input, textarea, select");
    if (typing || event.ctrlKey || event.altKey || event.metaKey || !/^[0-9*#]$/.test(event.key)) return;
    event.preventDefault();
    if (!event.repeat) press(event.key);
  });
  on("answer", "click", () => act($("answer"), () => phoneApi("answer")));
  on("decline", "click", () => act($("decline"), () => {
    active().call.declined = true;
    return phoneApi("decline");
  }));
  on("hang-up", "click", () => act($("hang-up"), () => {
    hush();
    return phoneApi("hang-up");
  }));
  on("call", "click", () => act($("call"), () => {
    active().dialled = $("to").value;
    return phoneApi("call", { to: $("to").value });
  }));
  on("mute", "click", () => {
    muted = !muted;
    if (muted) hush();
    $("mute").setAttribute("aria-pressed", muted);
  });
  on("ringer", "click", () => {
    ringerOn = !ringerOn;
    $("ringer").setAttribute("aria-pressed", ringerOn);
    renderHandset();
  });
  on("write", "submit", () => attempt(async () => {
    const body = $("words").value.trim();
    if (!body) return;
    await phoneApi("text", { to: $("to").value, body });
    $("words").value = "";
  }));
  on("words", "keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    $("write").requestSubmit();
  });
  for (const [name, other] of [["call", "texts"], ["texts", "call"]]) {
    on(`tab-${name}`, "click", () => show(name));
    on(`tab-${name}`, "keydown", (event) => {
      if (!["ArrowLeft", "ArrowRight"].includes(event.key)) return;
      show(other);
      $(`tab-${other}`).focus();
    });
  }
}

async function add(number) {
  const data = await api("GET", pathOf(number));
  if (!phones.has(number)) takeOver(data);
  select(number);
}

function listenToPage() {
  on("add", "submit", () => attempt(async () => {
    await add($("added").value.replace(/[\s().-]/g, ""));
    $("added").value = "";
  }));
  on("only", "change", filterRows);
  on("clear", "click", () => {
    rows.splice(0);
    $("log").replaceChildren();
    filterRows();
  });
  addEventListener("hashchange", () => { if (wanted() && wanted() !== selected) attempt(() => add(wanted())); });
  for (const name of ["pointerdown", "keydown"]) addEventListener(name, wake, { capture: true });
  setInterval(renderTimer, 500);
}

const wanted = () => decodeURIComponent(location.hash.slice(1));

// Connection

function connect(last) {
  const stream = new EventSource(`simulator/events?after=${last}`);
  for (const kind of [...new Set([...Object.keys(happenings), ...Object.keys(noted), "webhook-answered"])]) {
    stream.addEventListener(kind, (message) => happen(JSON.parse(message.data)));
  }
  stream.addEventListener("error", () => { // a new start of the simulator counts its events anew, so begin anew, too
    stream.close();
    $("link").textContent = "The simulator does not answer";
    $("link").classList.remove("live");
    setTimeout(start, 1000);
  });
}

async function start() {
  try {
    await Promise.all([readClock(), readFaults()]);
    const known = await api("GET", "numbers");
    ours = known.numbers.map((number) => number.phone_number);
    messengers = known.whatsapp_senders;
    const data = await api("GET", "phones");
    const past = (await api("GET", `events?follow=no&after=${Math.max(0, data.last_event - HISTORY)}`)).events;
    for (const known of [phones, owners]) known.clear();
    rows.splice(0);
    for (const box of ["phones", "log", "tape", "thread"]) $(box).replaceChildren();
    for (const phone of data.phones) takeOver(phone);
    for (const event of past.filter((one) => one.id <= data.last_event)) {
      remember(event);
      touch(event);
      note(event);
    }
    for (const list of [...phones.values()].flatMap((phone) => [phone.lines, phone.texts])) list.sort((one, other) => one.at - other.at);
    connect(data.last_event);
    $("link").textContent = `Connected${clock.told ? ", time stands still" : ""}`;
    $("link").classList.add("live");
    const number = wanted() || selected || phones.keys().next().value;
    selected = null;
    if (number) await add(number);
    render();
    renderControls();
    filterRows();
    $("log").scrollTop = $("log").scrollHeight;
  } catch (problem) {
    $("link").textContent = problem instanceof TypeError ? "The simulator does not answer" : problem.message;
    setTimeout(start, 1000);
  }
}

listenToPhone();
listenToPage();
listenToControls();
renderControls();
start();
