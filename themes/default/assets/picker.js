// Makes a combobox of the search for an institution (ARIA 1.2, list autocomplete, manual selection).
// Without this file the search is a form that answers with a page of links.
(function () {
  "use strict";
  var form = document.querySelector("[data-suggestions]");
  if (!form) return;
  var field = form.elements.q;
  var status = document.getElementById("q-status");
  var tick = form.elements.remember;
  var choose = document.getElementById("choose");
  var found = [];
  var active = -1;
  var timer;
  var running;
  // A fragment that names no place of this page is the application's; see mereau.js.
  var hash = location.hash && !document.getElementById(location.hash.slice(1)) ? location.hash : "";

  var popup = document.createElement("div");
  popup.className = "popup";
  popup.hidden = true;
  var list = text(popup, "ul", "");
  list.id = "q-list";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", form.dataset.list);
  // The status says it to those who listen.
  var count = text(popup, "p", "");
  count.setAttribute("aria-hidden", "true");
  field.parentNode.insertBefore(popup, field.nextSibling);
  field.setAttribute("role", "combobox");
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", list.id);
  field.setAttribute("aria-expanded", "false");

  // What stands before the @ of an address is nobody's business but the person's.
  function cut(text) {
    return text.slice(text.lastIndexOf("@") + 1).trim();
  }

  // One word that holds what names of schools hardly do (a dot inside, _, +) may become an address:
  // it waits for its @, or for Enter. The letters before such a sign cannot wait: who rests after
  // "camille" may be on the way to camille.dupont@univ-x.fr or to a school called Camille-Claudel,
  // and nobody would be shown anything if all first words waited. What then leaves the browser is a
  // word searched as a name, without cookies, in a request that the server logs nowhere.
  function mayBeAddress(text) {
    return text.indexOf("@") < 0 && /^\s*[^\s@]*([^\s@.]\.|[_+])[^\s@]*$/.test(text);
  }

  function say(text) {
    if (status.textContent !== text) status.textContent = count.textContent = text;
  }

  function mark(index) {
    var old = list.children[active];
    if (old) old.setAttribute("aria-selected", "false");
    active = index;
    var option = list.children[index];
    if (!option) return field.removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    field.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  function show(open) {
    open = open && found.length > 0;
    popup.hidden = !open;
    field.setAttribute("aria-expanded", String(open));
    if (!open) mark(-1);
  }

  function text(parent, kind, words) {
    var part = document.createElement(kind);
    part.textContent = words;
    parent.appendChild(part);
    return part;
  }

  function fill(items) {
    found = items;
    active = -1;
    list.textContent = "";
    items.forEach(function (item, index) {
      var option = document.createElement("li");
      option.id = "q-option-" + index;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      if (item.logo) {
        var picture = text(option, "img", "");
        picture.className = "mark";
        picture.alt = "";
        picture.width = picture.height = 32;
        picture.loading = "lazy";
        picture.src = item.logo;
      }
      text(option, "bdi", item.name);
      var place = [[item.cp, item.town].filter(Boolean).join(" "), item.uai].filter(Boolean);
      if (place.length) {
        var small = text(option, "small", "");
        place.forEach(function (part, at) {
          if (at) small.appendChild(document.createTextNode(" · "));
          text(small, "bdi", part);
        });
      }
      // The focus stays in the field.
      option.addEventListener("mousedown", function (event) { event.preventDefault(); });
      option.addEventListener("click", function () { take(item); });
      list.appendChild(option);
    });
  }

  function take(item) {
    if (choose && tick && tick.checked) {
      choose.elements.tenant.value = item.id;
      choose.submit();
    } else {
      location.assign(form.dataset.before + encodeURIComponent(item.id) + form.dataset.after + hash);
    }
  }

  function stop() {
    clearTimeout(timer);
    if (running) running.abort();
    running = null;
  }

  function ask() {
    stop();
    var words = cut(field.value);
    var own = running = new AbortController();
    fetch(form.dataset.suggestions + encodeURIComponent(words), { credentials: "omit", signal: own.signal })
      .then(function (answer) {
        if (!answer.ok) throw new Error(String(answer.status));
        return answer.json();
      })
      .then(function (answer) {
        if (running !== own) return;
        fill(answer.items);
        show(document.activeElement === field);
        say(answer.said);
      })
      .catch(function () {
        if (running !== own) return;
        forget();
        say(form.dataset.failed);
      });
  }

  function forget() {
    fill([]);
    show(false);
    say("");
  }

  field.addEventListener("input", function () {
    stop();
    if (!cut(field.value) || mayBeAddress(field.value)) return forget();
    mark(-1);
    // The first letter is answered at once; after that, when the fingers rest.
    timer = setTimeout(ask, cut(field.value).length < 2 ? 0 : 120);
  });

  function down(event) {
    if (popup.hidden) {
      if (found.length) show(true);
      else if (cut(field.value) && !mayBeAddress(field.value)) ask();
      if (event.altKey) return;
    }
    if (!popup.hidden) mark((active + 1) % found.length);
  }

  function up(event) {
    if (event.altKey) return show(false);
    if (popup.hidden) show(true);
    if (!popup.hidden) mark((active < 1 ? found.length : active) - 1);
  }

  field.addEventListener("keydown", function (event) {
    if (event.isComposing || event.ctrlKey || event.metaKey) return;
    switch (event.key) {
      case "ArrowDown": event.preventDefault(); down(event); break;
      case "ArrowUp": event.preventDefault(); up(event); break;
      case "Enter":
        if (active < 0 || popup.hidden) return;
        event.preventDefault();
        take(found[active]);
        break;
      case "Escape":
        event.preventDefault();
        if (!popup.hidden) return show(false);
        field.value = "";
        stop();
        forget();
        break;
      case "ArrowLeft": case "ArrowRight": case "Home": case "End": mark(-1); break;
      case "Tab": show(false); break;
    }
  });
  field.addEventListener("blur", function () { stop(); show(false); });

  form.addEventListener("submit", function () {
    stop();
    field.value = cut(field.value);
  });

  form.querySelectorAll("[formaction]").forEach(function (button) {
    button.setAttribute("formaction", button.getAttribute("formaction") + hash);
  });

  var near = form.querySelector("[data-near]");
  if (near && navigator.geolocation && window.isSecureContext) {
    near.hidden = false;
    near.addEventListener("click", function () {
      say(near.dataset.wait);
      navigator.geolocation.getCurrentPosition(function (here) {
        // About a kilometre: enough to sort schools, too little to find a door.
        var url = new URL(form.action);
        new FormData(form).forEach(function (value, name) {
          if (name !== "q") url.searchParams.append(name, value);
        });
        url.searchParams.set("lat", here.coords.latitude.toFixed(2));
        url.searchParams.set("lon", here.coords.longitude.toFixed(2));
        location.assign(url);
      }, function () { say(near.dataset.failed); }, { maximumAge: 600000, timeout: 10000 });
    });
  }
})();
