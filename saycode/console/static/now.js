// Updates the page every few seconds, while it is seen and the box is checked. Without it there is the link.
const part = document.getElementById("now");
const choice = document.getElementById("live");
const box = choice.querySelector("input");
choice.hidden = false;

async function update() {
  if (!box.checked || document.hidden || part.contains(document.activeElement)) return;
  try {
    const response = await fetch(location.href, { headers: { "X-Part": "moment" } });
    if (response.redirected) location.reload();
    else if (response.ok) part.innerHTML = await response.text();
  } catch {
    // The next turn tries again.
  }
}
setInterval(update, 5000);
