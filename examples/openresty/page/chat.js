// The chat: sends the conversation to /chat, shows the events as they come, keeps the history that comes back.

const talk = document.getElementById("talk");
const welcome = document.getElementById("welcome");
const form = document.getElementById("ask");
const question = document.getElementById("question");
const send = document.getElementById("send");
const tools = document.getElementById("tools");

let messages = []; // the conversation so far, as the Messages API wants it
let running = null; // the AbortController of the answer that is being written

const element = (tag, className, text) => {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
};

// Follows the text down, unless the reader has scrolled up.
function follow(change) {
  const atEnd = talk.scrollHeight - talk.scrollTop - talk.clientHeight < 60;
  change();
  if (atEnd) talk.scrollTop = talk.scrollHeight;
}

// Code in fences and in backticks, and **strong** words; everything else stays as it is.
function render(node, text) {
  node.replaceChildren();
  text.split(/^```(?:[^\n`]*)\n([\s\S]*?)(?:^```[ \t]*\n?|$(?![\s\S]))/m).forEach((part, i) => {
    if (i % 2) {
      const pre = element("pre");
      pre.append(element("code", "", part));
      node.append(pre);
    } else {
      part.split(/(`[^`\n]+`|\*\*[^*\n]+\*\*)/).forEach((piece) => {
        if (/^`[^`]+`$/.test(piece)) node.append(element("code", "", piece.slice(1, -1)));
        else if (/^\*\*.+\*\*$/.test(piece)) node.append(element("strong", "", piece.slice(2, -2)));
        else if (piece) node.append(piece);
      });
    }
  });
}

// One answer on the page.
class Answer {
  constructor() {
    this.node = element("article", "answer writing");
    this.said = ""; // all text of this answer, for the history when it is stopped
    this.calls = new Map();
    talk.append(this.node);
  }

  // The last part of the answer when it is of this kind, else a new one.
  part(className) {
    const last = this.node.lastElementChild;
    if (last && last.className === className) return last;
    const node = element("div", className);
    node.source = "";
    this.node.append(node);
    return node;
  }

  text({ text }) {
    const node = this.part("text");
    node.source += text;
    this.said += text;
    render(node, node.source);
  }

  thinking({ text }) {
    const node = this.part("thinking");
    node.source += text;
    node.textContent = node.source;
  }

  tool_call({ id, name, input }) {
    const box = element("details", "tool");
    const summary = element("summary", "", "");
    const state = element("span", "state", "running");
    const list = element("dl");
    summary.append(element("strong", "", name.replaceAll("_", " ")), state);
    list.append(element("dt", "", "asked"), element("dd", "", JSON.stringify(input)));
    box.append(summary, list);
    this.node.append(box);
    this.calls.set(id, { box, state, list });
  }

  tool_result({ id, result, failed }) {
    const call = this.calls.get(id);
    if (!call) return;
    call.box.classList.toggle("failed", failed);
    call.state.textContent = failed ? "failed" : result.length <= 60 ? result : "done";
    call.list.append(element("dt", "", "answered"), element("dd", "", result));
  }

  failure({ message, hint }, again) {
    const box = element("div", "failure", message);
    if (hint) box.append(element("small", "", hint));
    const button = element("button", "quiet", "Try again");
    button.type = "button";
    button.onclick = () => { this.node.remove(); again(); };
    box.append(element("br"), button);
    this.node.append(box);
  }

  note(text) {
    this.node.append(element("div", "note", text));
  }
}

// The events of a response, as { name, data }.
async function* events(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    rest += value;
    const blocks = rest.split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const name = /^event: (.*)$/m.exec(block)?.[1];
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (name && data) yield { name, data: JSON.parse(data) };
    }
  }
}

async function read(answer, again) {
  const response = await fetch("/chat", {
    method: "POST", headers: { "Content-Type": "application/json" }, signal: running.signal,
    body: JSON.stringify({ messages, tools: tools.checked }),
  });
  if (!response.ok) throw new Error(`The server answered ${response.status}.`);
  let ended = false;
  for await (const { name, data } of events(response)) {
    if (name === "done") messages = data.messages;
    if (name === "done" || name === "failure") ended = true;
    if (answer[name]) follow(() => answer[name](data, again));
  }
  if (!ended) throw new Error("The answer broke off.");
}

// What was said before a stop belongs to the conversation, too.
function keep(answer) {
  if (answer.said.trim()) messages.push({ role: "assistant", content: answer.said });
  else messages.pop();
}

function busy(on) {
  document.body.classList.toggle("busy", on);
  send.setAttribute("aria-label", on ? "Stop" : "Send");
  update();
}

async function run() {
  running = new AbortController();
  busy(true);
  const before = messages.length;
  const answer = new Answer();
  talk.scrollTop = talk.scrollHeight;
  try {
    await read(answer, run);
  } catch (error) {
    if (error.name === "AbortError") {
      keep(answer);
      follow(() => answer.note("Stopped."));
    } else {
      messages.length = before;
      follow(() => answer.failure({ message: error.message }, run));
    }
  }
  answer.node.classList.remove("writing");
  running = null;
  busy(false);
  question.focus();
}

function ask(text) {
  welcome.hidden = true;
  // A question that failed stays last until it is asked again; another one takes its place.
  if (messages.at(-1)?.role === "user" && typeof messages.at(-1).content === "string") messages.pop();
  messages.push({ role: "user", content: text });
  talk.append(element("div", "mine", text));
  run();
}

function update() {
  question.style.height = "auto";
  question.style.height = `${question.scrollHeight + 2}px`;
  send.disabled = !running && !question.value.trim();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (running) return running.abort();
  const text = question.value.trim();
  if (!text) return;
  question.value = "";
  ask(text);
});

question.addEventListener("input", update);
question.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing && !running) {
    event.preventDefault();
    form.requestSubmit();
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && running) running.abort();
});

welcome.addEventListener("click", (event) => {
  const idea = event.target.closest("[data-ask]");
  if (!idea || running) return;
  if ("tools" in idea.dataset) tools.checked = true;
  ask(idea.dataset.ask);
});

document.getElementById("fresh").addEventListener("click", () => {
  running?.abort();
  messages = [];
  talk.replaceChildren(welcome);
  welcome.hidden = false;
  question.focus();
});

update();
