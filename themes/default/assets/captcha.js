// Lets the browser compute what its person would have to read or hear. Without this file, or when it
// fails, picture and sound are there.
(function () {
  "use strict";

  var box = document.querySelector(".captcha[data-salt]");
  var found = document.getElementById("captcha-work");
  var status = document.getElementById("captcha-status");
  if (!box || !found || !status || !window.Worker) return;
  var form = found.form;
  var waiting = null;

  function give_up() {
    box.removeAttribute("data-computing");
    status.textContent = "";
    waiting = null;
  }

  var worker;
  try {
    worker = new Worker(box.dataset.worker);
  } catch (error) {
    return;
  }
  box.setAttribute("data-computing", "");
  status.textContent = box.dataset.wait;
  worker.onmessage = function (event) {
    worker.terminate();
    found.value = event.data;
    status.textContent = box.dataset.done;
    if (waiting) form.requestSubmit(waiting === true ? null : waiting);
  };
  worker.onerror = give_up;
  worker.postMessage({ salt: box.dataset.salt, bits: Number(box.dataset.bits) });

  // Sent too early: it goes when the number is found.
  form.addEventListener("submit", function (event) {
    if (found.value || !box.hasAttribute("data-computing")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    waiting = event.submitter || true;
  }, true);
})();
