// Small comforts. Every page works without this file.
(function () {
  "use strict";

  // What is wrong is read first.
  var problem = document.getElementById("problem");
  if (problem) problem.focus();

  // A fragment that waited here while its owner signed in elsewhere is this page's again.
  var returned = document.querySelector("[data-fragment]");
  if (returned) {
    try {
      var name = "fragment-" + returned.dataset.fragment;
      var kept = sessionStorage.getItem(name);
      sessionStorage.removeItem(name);
      if (kept) history.replaceState(null, "", kept);
    } catch (closed) { /* Nothing was kept, then. */ }
  }

  // The part of the address after # never reaches us; carried along, the application gets it back.
  // One that names a place of this page is ours.
  if (location.hash && !document.getElementById(location.hash.slice(1))) {
    document.querySelectorAll("[data-keep-fragment]").forEach(function (goer) {
      var where = goer.tagName === "FORM" ? "action" : "href";
      var url = goer.getAttribute(where);
      if (url && url.indexOf("#") < 0) goer.setAttribute(where, url + location.hash);
    });
    // Another server would lose it, and need not see it: it waits in this tab under a name that the
    // way there and back carries.
    document.querySelectorAll("[data-store-fragment]").forEach(function (goer) {
      var url = goer.getAttribute("href");
      goer.addEventListener("click", function () {
        try {
          var parts = crypto.getRandomValues(new Uint32Array(4));
          var name = Array.from(parts, function (part) { return part.toString(36); }).join("").slice(0, 24);
          sessionStorage.setItem("fragment-" + name, location.hash);
          goer.setAttribute("href", url + (url.indexOf("?") < 0 ? "?" : "&") + "fragment=" + name);
        } catch (closed) { /* A browser that keeps nothing loses the fragment. */ }
      });
    });
  }

  var onward = document.querySelector("[data-go]");
  if (onward) location.replace(onward.href);

  // A ticket that is posted: back from the application must not post it again.
  var delivery = document.querySelector("form[data-send]");
  // A page of the gallery has nowhere to send it.
  if (delivery && delivery.getAttribute("action").charAt(0) !== "#" && performance.getEntriesByType("navigation").every(function (way) { return way.type !== "back_forward"; }))
    delivery.submit();

  // Applications are told one after the other: their list follows for a while, and then waits to be asked.
  var farewell = document.querySelector("[data-look-again]");
  // A page of the gallery asks nobody.
  if (farewell && location.protocol !== "file:") {
    var pauses = [800, 1500, 3000, 6000, 12000, 24000];
    (function follow() {
      if (!pauses.length) return;
      setTimeout(function () {
        fetch(farewell.dataset.lookAgain).then(function (answer) {
          return answer.ok ? answer.text() : "";
        }).then(function (text) {
          var now = new DOMParser().parseFromString(text, "text/html").getElementById("farewell");
          if (!now) return;
          if (now.textContent !== farewell.textContent) farewell.replaceChildren.apply(farewell, Array.from(now.childNodes));
          if (now.dataset.lookAgain) follow();
        }).catch(function () { /* The link is there. */ });
      }, pauses.shift());
    })();
  }

  var password = document.getElementById("password");
  // Each password field with its own button; the words are the button's first text.
  var shown = [];
  document.querySelectorAll("[data-reveal]").forEach(function (reveal) {
    var field = document.getElementById(reveal.getAttribute("aria-controls"));
    var word = reveal.firstChild;
    if (!field || !word) return;
    var show = word.nodeValue;
    reveal.hidden = false;
    shown.push(function () {
      field.type = "password";
      word.nodeValue = show;
    });
    reveal.addEventListener("click", function () {
      var hidden = field.type === "password";
      field.type = hidden ? "text" : "password";
      word.nodeValue = hidden ? reveal.dataset.reveal : show;
      field.focus();
    });
  });
  function hidePassword() {
    shown.forEach(function (hide) { hide(); });
  }

  // A link to one thing of the help page opens it.
  function openNamed() {
    var named = location.hash && document.getElementById(location.hash.slice(1));
    var details = named && named.closest("details");
    if (!details) return;
    details.open = true;
    named.scrollIntoView();
  }
  window.addEventListener("hashchange", openNamed);
  openNamed();

  // Sending again waits its time; the server counts it, too.
  document.querySelectorAll("[data-wait-seconds]").forEach(function (button) {
    button.disabled = true;
    setTimeout(function () { button.disabled = false; }, 1000 * button.dataset.waitSeconds);
  });

  // A form beside the one that was typed into takes one field of it along.
  document.querySelectorAll("[data-typed]").forEach(function (copy) {
    var typed = document.getElementById(copy.dataset.typed);
    if (!typed || !copy.form) return;
    copy.form.addEventListener("submit", function () { copy.value = typed.value; });
  });

  var caps = document.getElementById("caps");
  if (password && caps) {
    var watch = function (event) {
      if (!event.getModifierState) return;
      var text = event.getModifierState("CapsLock") ? caps.dataset.caps : "";
      if (caps.textContent !== text) caps.textContent = text;
    };
    password.addEventListener("keydown", watch);
    password.addEventListener("keyup", watch);
    password.addEventListener("blur", function () { caps.textContent = ""; });
  }

  // A second click while the answer is on its way would spend the page's one-use ticket twice.
  document.querySelectorAll("form[data-once]").forEach(function (form) {
    var sent = false;
    form.addEventListener("submit", function (event) {
      if (sent) return event.preventDefault();
      sent = true;
      hidePassword();
      form.setAttribute("aria-busy", "true");
      // The way out when the network swallowed the first one.
      setTimeout(function () { sent = false; form.removeAttribute("aria-busy"); }, 8000);
    });
    window.addEventListener("pageshow", function () { sent = false; form.removeAttribute("aria-busy"); });
  });
})();
