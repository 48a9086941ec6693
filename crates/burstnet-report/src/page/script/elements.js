"use strict";
// burstnet.element, copyable, select: building parts of the page.
{
  // An element with attributes, event handlers (onclick: function) and children: elements, and texts that stay texts.
  burstnet.element = (name, attributes = {}, ...children) => {
    const element = document.createElement(name);
    for (const [attribute, value] of Object.entries(attributes)) {
      if (attribute.startsWith("on")) element.addEventListener(attribute.slice(2), value);
      else if (value === true) element.setAttribute(attribute, "");
      else if (value !== null && value !== undefined && value !== false) element.setAttribute(attribute, value);
    }
    element.append(...children.filter((child) => child !== null && child !== undefined));
    return element;
  };

  // A text from data: isolated, and whole in its title if it was shortened.
  burstnet.text = (text, most = 60) => {
    const shown = burstnet.short(text, most);
    return burstnet.element("span", { class: "text", title: shown === text ? null : text }, shown);
  };

  // A labelled choice. `options` are [value, text]; `chosen(value)` is called when another is chosen.
  burstnet.select = (label, options, value, chosen) => {
    const select = burstnet.element("select", { onchange: () => chosen(select.value) });
    for (const [option, text] of options) {
      select.append(burstnet.element("option", { value: option, selected: String(option) === String(value) }, text));
    }
    return burstnet.element("label", {}, label, select);
  };

  // A button that is on or off.
  burstnet.toggle = (label, on, changed) => {
    const button = burstnet.element("button", { type: "button", "aria-pressed": String(on) }, label);
    button.addEventListener("click", () => {
      on = !on;
      button.setAttribute("aria-pressed", String(on));
      changed(on);
    });
    return button;
  };

  const announcer = burstnet.element("div", { class: "unseen", role: "status", "aria-live": "polite" });
  document.querySelector("main").append(announcer);
  // Tells readers who do not see the page what happened.
  burstnet.announce = (text) => {
    announcer.textContent = text;
  };

  // Copies a text: by the clipboard where a page from a file may use it, else by selecting it.
  const copy = async (pre, button) => {
    let done = false;
    try {
      await navigator.clipboard.writeText(pre.textContent);
      done = true;
    } catch {
      const range = document.createRange();
      range.selectNodeContents(pre);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      done = document.execCommand("copy");
    }
    button.textContent = done ? "Copied" : "Press Ctrl+C";
    burstnet.announce(button.textContent);
    setTimeout(() => (button.textContent = "Copy"), 2000);
  };
  // Gives a box with a text in a pre a button that copies it.
  burstnet.copyable = (box) => {
    const pre = box.querySelector("pre");
    pre.tabIndex = 0;
    const button = burstnet.element("button", { type: "button", onclick: () => copy(pre, button) }, "Copy");
    if (box.dataset.label) button.setAttribute("aria-label", `Copy ${box.dataset.label}`);
    box.append(button);
    return box;
  };
  document.querySelectorAll(".copy").forEach(burstnet.copyable);
}
