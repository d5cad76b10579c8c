// The open page: groups the phone number, checks the length of a code, shows live updates, and counts the pauses down.
// All texts are the server's. Without this script everything still works; a link reloads the page.
"use strict";

(() => {
  const SECOND = 1000;
  const LONGEST_RETRY = 30 * SECOND;
  const TYPING_PAUSE = 150;
  const { page, progress, state } = document.body.dataset;
  const find = (id) => document.getElementById(id);
  const live = find("live");
  const code = find("code");
  let sending = false;

  // One press sends one request. A page from the back/forward cache is reloaded.
  document.addEventListener("submit", (event) => {
    if (sending || event.submitter?.getAttribute("aria-disabled") === "true") {
      event.preventDefault();
      return;
    }
    sending = true;
    setTimeout(() => { sending = false; }, 8 * SECOND); // the answer may have been lost
  });
  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });

  // Groups the number as in the home country, once typing pauses at its end. Not after a correction or a deletion, and
  // not when typing went on in the meantime.
  const phone = find("phone");
  let timer = 0;
  const group = async () => {
    const typed = phone.value;
    const paused = () => phone.value === typed
      && (document.activeElement !== phone || phone.selectionStart === typed.length);
    if (!/\d$/.test(typed) || !paused()) return;
    try {
      const answer = await fetch(phone.dataset.typed, { method: "POST", body: new URLSearchParams({ phone: typed }) });
      const grouped = await answer.text();
      if (answer.ok && grouped !== typed && paused()) phone.value = grouped;
    } catch {} // the number stays as it was typed
  };
  phone?.addEventListener("input", ({ inputType, isComposing }) => {
    clearTimeout(timer);
    if (!isComposing && (inputType ?? "insert").startsWith("insert")) timer = setTimeout(group, TYPING_PAUSE);
  });

  if (state !== "code") return;

  // A code with too few or too many digits is not sent: it would count as a wrong one. Without this script the browser's
  // own message says so.
  if (code) {
    code.form.noValidate = true;
    code.form.addEventListener("submit", (event) => {
      const { missing, letters, help } = code.form.dataset;
      const typed = code.value.trim();
      const digits = typed.match(/\p{Nd}/gu)?.length ?? 0;
      const sentence = !typed ? missing : /\p{L}/u.test(typed) ? letters : digits === +code.dataset.length ? "" : help;
      if (!sentence) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      complain(sentence);
    }, true);
    // Spaces and dashes of a pasted code would stand on the lines of its digits.
    code.addEventListener("input", ({ isComposing }) => {
      const bare = code.value.replace(/[\s\p{Pd}.]/gu, "");
      if (!isComposing && bare !== code.value) code.value = bare;
    });
  }

  const complain = (sentence) => {
    find("code-problem")?.remove();
    const problem = Object.assign(document.createElement("p"), { id: "code-problem", className: "problem" });
    problem.setAttribute("role", "alert");
    code.before(problem);
    problem.textContent = sentence;
    code.setAttribute("aria-invalid", "true");
    code.setAttribute("aria-describedby", "code-hint code-problem");
    code.focus();
  };

  const entry = find("entry");
  const more = find("more");
  const ends = Date.now() + find("time").dataset.left * SECOND;
  const clock = new Date(ends).toLocaleTimeString(document.documentElement.lang, { hour: "numeric", minute: "2-digit" });
  const pauseEnds = {}; // by element: of resending the code, of checking codes
  let source = null;
  let retry = SECOND;

  const show = (id, text) => {
    const node = find(id);
    if (node.textContent !== text) node.textContent = text; // screen readers announce an unchanged text again
  };

  // Not reload(): this page may be the answer to a form, which would be sent again.
  const leave = () => {
    source?.close();
    location.replace(page);
  };

  // One part of the page, open without its line to fold it; or folded.
  const unfold = (part, plain) => {
    if (part.hasAttribute("data-plain") === plain) return;
    part.toggleAttribute("data-plain", plain);
    part.open = plain;
  };

  // After a failure the other ways come first, and the field for the code is folded, unless it is in use.
  const arrange = ({ failed, unfolds }) => {
    const open = more.open;
    document.body.toggleAttribute("data-failed", failed);
    unfold(more, unfolds);
    more.open ||= open;
    unfold(entry, !failed || !code || entry.contains(document.activeElement) || code.value !== "");
    if (failed !== (more.nextElementSibling === entry)) entry[failed ? "before" : "after"](more);
  };

  const hold = (id) => {
    const pause = find(id);
    if (!pause) return;
    const wait = Math.ceil((pauseEnds[id] - Date.now()) / SECOND);
    for (const button of document.querySelectorAll(`button[aria-describedby=${id}]`)) {
      button.setAttribute("aria-disabled", wait > 0);
    }
    pause.hidden = wait <= 0;
    const { seconds, minutes } = pause.dataset;
    const whole = Math.max(2, wait); // "1 seconds" would be read out
    const sentence = whole <= 90
      ? seconds.replace("{seconds}", whole)
      : minutes.replace("{minutes}", Math.ceil(whole / 60));
    pause.textContent = wait > 0 ? sentence : ""; // a hidden description is read out
  };

  const begin = (id) => {
    pauseEnds[id] = Date.now() + (find(id)?.dataset.wait ?? 0) * SECOND;
    hold(id);
  };

  const tick = () => {
    const left = (ends - Date.now()) / SECOND;
    hold("pause");
    hold("held");
    const { until, under } = find("time").dataset;
    if (left > 0) show("time", left < 60 ? under : until.replace("{time}", clock));
    else if (!sending) leave();
  };

  const update = ({ data }) => {
    const event = JSON.parse(data);
    if (sending) return; // another page is on its way
    if (event.state !== state || event.language !== document.documentElement.lang) {
      // The answer to another tab, which brings this browser its new session, may still be on its way.
      setTimeout(leave, event.state === "form" ? SECOND : 0);
      return;
    }
    document.title = event.title;
    show("heading", event.heading);
    show("progress", event.status);
    find("progress").dataset.tone = event.tone;
    show("note", event.note);
    const focused = more.contains(document.activeElement) ? document.activeElement : null;
    arrange(event);
    live.innerHTML = event.live;
    begin("pause");
    if (focused) (live.querySelector(`[value="${focused.value}"]`) ?? live.querySelector("button"))?.focus();
  };

  // A browser reconnects by itself after a broken connection, but not after an error such as a proxy's 502, or the 503
  // of a service with too many open pages. Then the page asks for single events in between.
  const poll = async () => {
    try {
      const answer = await fetch(`${progress}${progress.includes("?") ? "&" : "?"}once`);
      const text = answer.ok ? await answer.text() : "";
      if (text.startsWith("data: ")) update({ data: text.slice("data: ".length) });
    } catch {} // the next one may succeed
  };
  const follow = () => {
    source?.close();
    source = new EventSource(progress);
    source.onopen = () => { retry = SECOND; };
    source.onmessage = update;
    source.onerror = () => {
      if (source.readyState !== EventSource.CLOSED) return;
      setTimeout(async () => {
        if (document.hidden) return;
        await poll();
        follow();
      }, retry);
      retry = Math.min(retry * 2, LONGEST_RETRY);
    };
  };

  // Browsers allow a site six connections over HTTP/1.1, so hidden pages close theirs.
  document.addEventListener("visibilitychange", () => {
    source?.close();
    if (document.hidden) return;
    tick();
    follow();
  });

  // The code of the text message, where the browser provides it (WebOTP).
  if (code && "OTPCredential" in window) {
    const request = new AbortController();
    code.form.addEventListener("submit", () => request.abort());
    navigator.credentials.get({ otp: { transport: ["sms"] }, signal: request.signal }).then(
      (credential) => { if (credential && !code.value) code.value = credential.code; },
      () => {}, // refused, timed out or aborted: the person types it
    );
  }

  for (const id of ["held", "pause"]) find(id)?.removeAttribute("role"); // an alert that counts down would interrupt
  begin("pause");
  begin("held");
  tick();
  setInterval(tick, SECOND);
  if (!document.hidden) follow();
})();
