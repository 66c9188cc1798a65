// Holds the form back while the directory is crowded: what was typed stays in its fields, and goes when
// there is room. Without this file it goes at once, and the form comes back with what to do.
(function () {
  "use strict";

  var form = document.querySelector("form[data-room]");
  var status = document.getElementById("waiting");
  var stop = document.getElementById("stop-waiting");
  if (!form || !status || !stop || !form.requestSubmit) return;
  // What a page of this age was told of the crowd is out of date.
  var FRESH = 20000;
  // A password is not left in a page for longer by us.
  var LONGEST = 300000;
  var since = 0, may = false, told = false, timer, button;

  function say(title, text) {
    var parts = [["strong", title], ["p", text]].map(function (part) {
      var element = document.createElement(part[0]);
      element.textContent = part[1];
      return element;
    });
    status.replaceChildren.apply(status, parts);
  }

  function end() {
    clearTimeout(timer);
    since = 0;
    told = false;
    var left = stop.contains(document.activeElement);
    stop.hidden = true;
    status.replaceChildren();
    return left;
  }

  function go() {
    may = true;
    end();
    form.requestSubmit(button);
  }

  function over() {
    var left = end();
    form.elements.password.value = "";
    if (left) form.elements.password.focus();
    say(status.dataset.title, status.dataset.over);
  }

  // Seconds to wait as the server drew them, so that not everybody comes back at once.
  function later(seconds) {
    var waited = Date.now() - since;
    if (waited > LONGEST) return over();
    if (!told) say(status.dataset.title, status.dataset.text);
    else if (waited > 60000) status.lastChild.textContent = status.dataset.still;
    told = true;
    stop.hidden = false;
    timer = setTimeout(ask, 1000 * seconds);
  }

  function ask() {
    var asked = since;
    fetch(form.dataset.room, { cache: "no-store", credentials: "omit" }).then(function (answer) {
      if (!answer.ok) return Number(answer.headers.get("Retry-After"));
      return answer.json().then(function (room) { return room.wait; });
    }).catch(function () { return told ? 5 : 0; }).then(function (seconds) {
      // Given up in the meantime.
      if (!since || since !== asked) return;
      if (seconds) later(seconds);
      else go();
    });
  }

  form.addEventListener("submit", function (event) {
    if (may || !(form.hasAttribute("data-crowded") || performance.now() > FRESH)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (since) return;
    button = event.submitter;
    since = Date.now();
    ask();
  }, true);

  stop.addEventListener("click", function () {
    end();
    form.elements.password.focus();
  });
  window.addEventListener("pageshow", function () {
    may = false;
    end();
  });
})();
