// The open page: groups the phone number, shows live updates, and counts the time left and the pauses down. All texts are
// the server's. Without this script everything still works; a link reloads the page.
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

  const ends = Date.now() + find("time").dataset.left * SECOND;
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

  const inWords = (left) => {
    const { minutes, one, under } = find("time").dataset;
    const whole = Math.floor(left / 60);
    return whole < 1 ? under : whole === 1 ? one : minutes.replace("{minutes}", whole);
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
    if (left > 0) show("time", inWords(left));
    else if (!sending) leave();
  };

  const update = ({ data }) => {
    const event = JSON.parse(data);
    if (sending) return; // another page is on its way
    if (event.state !== state) {
      leave();
      return;
    }
    show("progress", event.status);
    show("note", event.note);
    const pressed = live.contains(document.activeElement) ? document.activeElement.value : null;
    live.innerHTML = event.live;
    begin("pause");
    if (pressed) (live.querySelector(`[value="${pressed}"]`) ?? live.querySelector("button"))?.focus();
  };

  // A browser reconnects by itself after a broken connection, but not after an error such as a proxy's 502, or the 503
  // of a service with too many open pages. Then the page asks for single events in between.
  const poll = async () => {
    try {
      const answer = await fetch(`${progress}?once`);
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

  find("held")?.removeAttribute("role"); // an alert that counts down would interrupt every second
  begin("pause");
  begin("held");
  setInterval(tick, SECOND);
  if (!document.hidden) follow();
})();
