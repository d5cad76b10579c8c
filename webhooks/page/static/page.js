// The page while it is open: the number in groups, how it is going, the time left, the pauses; in the server's words.
// Without this script everything still works; a link asks how it is going.
"use strict";

(() => {
  const SECOND = 1000;
  const LONGEST_RETRY = 30 * SECOND;
  const REST = 150;
  const { page, progress, state } = document.body.dataset;
  const find = (id) => document.getElementById(id);
  const live = find("live");
  const code = find("code");
  let sending = false;

  // One press, one request. A page that comes back from the browser's memory may be pressed again.
  document.addEventListener("submit", (event) => {
    if (sending || event.submitter?.getAttribute("aria-disabled") === "true") {
      event.preventDefault();
      return;
    }
    sending = true;
    setTimeout(() => { sending = false; }, 8 * SECOND); // the answer may never have come
  });
  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });

  // The number in groups, as the home country writes it, once the person rests at its end. Whoever mends or deletes is
  // left alone, and so is a number that went on meanwhile.
  const phone = find("phone");
  let rest = 0;
  const group = async () => {
    const typed = phone.value;
    const resting = () => phone.value === typed
      && (document.activeElement !== phone || phone.selectionStart === typed.length);
    if (!/\d$/.test(typed) || !resting()) return;
    try {
      const answer = await fetch(phone.dataset.typed, { method: "POST", body: new URLSearchParams({ phone: typed }) });
      const grouped = await answer.text();
      if (answer.ok && grouped !== typed && resting()) phone.value = grouped;
    } catch {} // it stays as it was typed
  };
  phone?.addEventListener("input", ({ inputType, isComposing }) => {
    clearTimeout(rest);
    if (!isComposing && (inputType ?? "insert").startsWith("insert")) rest = setTimeout(group, REST);
  });

  if (state !== "code") return;

  const ends = Date.now() + find("time").dataset.left * SECOND;
  const opens = {}; // when a pause is over: of sending the same code again, of comparing codes
  let source = null;
  let retry = SECOND;

  const show = (id, text) => {
    const node = find(id);
    if (node.textContent !== text) node.textContent = text; // what did not change is not announced again
  };

  // Not reload(): this page may be the answer to a form, which would then be sent again.
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
    const wait = Math.ceil((opens[id] - Date.now()) / SECOND);
    for (const button of document.querySelectorAll(`button[aria-describedby=${id}]`)) {
      button.setAttribute("aria-disabled", wait > 0);
    }
    pause.hidden = wait <= 0;
    const { seconds, minutes } = pause.dataset;
    const whole = Math.max(2, wait); // "1 seconds" would be read out, too
    const told = whole <= 90
      ? seconds.replace("{seconds}", whole)
      : minutes.replace("{minutes}", Math.ceil(whole / 60));
    pause.textContent = wait > 0 ? told : ""; // a description is read out although it is hidden
  };

  const begin = (id) => {
    opens[id] = Date.now() + (find(id)?.dataset.wait ?? 0) * SECOND;
    hold(id);
  };

  const tick = () => {
    const left = (ends - Date.now()) / SECOND;
    hold("pause");
    hold("held");
    if (left > 0) show("time", inWords(left));
    else if (!sending) leave();
  };

  const hear = ({ data }) => {
    retry = SECOND;
    const told = JSON.parse(data);
    if (sending) return; // another page is on its way
    if (told.state !== state) {
      leave();
      return;
    }
    show("progress", told.status);
    show("note", told.note);
    const pressed = live.contains(document.activeElement) ? document.activeElement.value : null;
    live.innerHTML = told.live;
    begin("pause");
    if (pressed) (live.querySelector(`[value="${pressed}"]`) ?? live.querySelector("button"))?.focus();
  };

  // A browser connects again by itself after a broken line, but not after an error such as a proxy's 502.
  const follow = () => {
    source?.close();
    source = new EventSource(progress);
    source.onmessage = hear;
    source.onerror = () => {
      if (source.readyState !== EventSource.CLOSED) return;
      setTimeout(() => { if (!document.hidden) follow(); }, retry);
      retry = Math.min(retry * 2, LONGEST_RETRY);
    };
  };

  // Browsers allow a site six lines over HTTP/1.1, so pages that nobody sees give theirs back.
  document.addEventListener("visibilitychange", () => {
    source?.close();
    if (document.hidden) return;
    tick();
    follow();
  });

  // The code of the text that has just come, where the browser hands it over.
  if (code && "OTPCredential" in window) {
    const asking = new AbortController();
    code.form.addEventListener("submit", () => asking.abort());
    navigator.credentials.get({ otp: { transport: ["sms"] }, signal: asking.signal }).then(
      (found) => { if (found && !code.value) code.value = found.code; },
      () => {}, // refused, timed out or aborted: the person types it
    );
  }

  find("held")?.removeAttribute("role"); // an alert that counts down would interrupt every second
  begin("pause");
  begin("held");
  setInterval(tick, SECOND);
  if (!document.hidden) follow();
})();
