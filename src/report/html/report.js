// The page is whole without this: it adds the filter, steps between findings, and buttons that copy.
(function () {
	"use strict";
	var form = document.getElementById("filter");
	var findings = Array.prototype.slice.call(document.querySelectorAll(".finding"));
	var groups = Array.prototype.slice.call(document.querySelectorAll(".group"));
	var words = document.getElementById("words");
	var count = document.getElementById("count");
	var texts = null;

	// What each finding says, its rule included, once and only when somebody filters.
	function textOf(i) {
		if (!texts)
			texts = findings.map(function (f) {
				return (f.parentNode.querySelector("h3").textContent + " " + f.textContent).toLowerCase();
			});
		return texts[i];
	}

	function apply() {
		var wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
		var kinds = {}, shown = 0;

		form.querySelectorAll("input[type=checkbox]").forEach(function (box) { kinds[box.value] = box.checked; });
		findings.forEach(function (f, i) {
			f.hidden = !kinds[f.dataset.kind] ||
				!wanted.every(function (word) { return textOf(i).indexOf(word) >= 0; });
			shown += !f.hidden;
		});
		groups.forEach(function (g) { g.hidden = !g.querySelector(".finding:not([hidden])"); });
		count.textContent = shown === findings.length ? count.dataset.all : shown + " of " + count.dataset.all;
	}

	function step(from, by) {
		for (var i = from + by; i >= 0 && i < findings.length; i += by)
			if (!findings[i].hidden) {
				findings[i].focus();
				return true;
			}
		return false;
	}

	function keys(event) {
		var at = findings.indexOf(event.target), done = false;

		if (event.ctrlKey || event.altKey || event.metaKey)
			return;
		if (event.key === "Escape" && (at >= 0 || form.contains(event.target))) {
			words.value = "";
			apply();
			words.focus();
			done = true;
		} else if (event.target === words && (event.key === "ArrowDown" || event.key === "Enter")) {
			done = step(-1, 1);
		} else if (at >= 0 && event.key === "ArrowDown") {
			done = step(at, 1);
		} else if (at >= 0 && event.key === "ArrowUp") {
			done = step(at, -1);
			if (!done) {
				words.focus();
				done = true;
			}
		}
		if (done)
			event.preventDefault();
	}

	function select(node) {
		var range = document.createRange();

		range.selectNodeContents(node);
		getSelection().removeAllRanges();
		getSelection().addRange(range);
	}

	function copyButton(pre) {
		var button = document.createElement("button"), code = pre.querySelector("code");

		button.type = "button";
		button.textContent = "Copy";
		button.setAttribute("aria-label", "Copy " + code.textContent.split("\n")[0]);
		button.addEventListener("click", function () {
			function say(text) { button.textContent = text; }

			if (navigator.clipboard)
				navigator.clipboard.writeText(code.textContent).then(function () { say("Copied"); }, function () { select(code); });
			else
				select(code);
		});
		pre.appendChild(button);
	}

	document.querySelectorAll(".copied").forEach(copyButton);
	if (form) {
		form.hidden = false;
		form.addEventListener("input", apply);
		form.addEventListener("submit", function (event) { event.preventDefault(); });
		document.addEventListener("keydown", keys);
	}
	addEventListener("beforeprint", function () {
		document.querySelectorAll("details").forEach(function (d) { d.open = true; });
	});
})();
