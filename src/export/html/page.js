'use strict';
// Hides what does not hold every word that is looked for, and marks where the words stand. Texts
// are read, never written: nothing of the page's content becomes markup.
const field = document.querySelector('input');
const told = document.querySelector('output');
const total = document.getElementById('turns').textContent;
const sections = [...document.querySelectorAll('section')].map(section => ({
  section,
  details: section.querySelector('details'),
  head: fold(section.querySelector('summary').textContent),
  turns: [...section.querySelectorAll('article')].map(turn => ({turn, text: null})),
}));
let opened = null;
let timer = 0;

function fold(text) {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}

function look() {
  const words = fold(field.value).split(/\s+/).filter(Boolean);
  if (words.length && !opened) opened = sections.map(one => one.details.open);
  let found = 0;
  sections.forEach((one, place) => {
    const named = words.length && words.every(word => one.head.includes(word));
    let any = false;
    for (const turn of one.turns) {
      turn.text ??= fold(turn.turn.textContent);
      const holds = words.every(word => turn.text.includes(word));
      turn.turn.hidden = !holds && !named;
      any ||= holds;
      found += holds && words.length ? 1 : 0;
    }
    one.section.hidden = words.length > 0 && !any && !named;
    if (words.length) one.details.open = true;
    else if (opened) one.details.open = opened[place];
  });
  if (!words.length) opened = null;
  told.textContent = words.length ? `${found} of ${total} turns` : `${total} turns`;
  mark(words);
}

function mark(words) {
  if (!('highlights' in CSS)) return;
  CSS.highlights.delete('found');
  if (!words.length) return;
  const ranges = [];
  const walker = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node && ranges.length < 5000; node = walker.nextNode()) {
    if (node.parentElement.closest('[hidden]')) continue;
    const text = node.data.toLowerCase();
    // Lower case can be longer; then places would be wrong.
    if (text.length !== node.data.length) continue;
    for (const word of words) {
      for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length)) {
        const range = new Range();
        range.setStart(node, at);
        range.setEnd(node, at + word.length);
        ranges.push(range);
      }
    }
  }
  CSS.highlights.set('found', new Highlight(...ranges));
}

field.addEventListener('input', () => {
  clearTimeout(timer);
  timer = setTimeout(look, 120);
});
document.querySelector('form').addEventListener('submit', event => {
  event.preventDefault();
  look();
});
document.addEventListener('keydown', event => {
  if (event.key === '/' && document.activeElement !== field) {
    event.preventDefault();
    field.focus();
  } else if (event.key === 'Escape' && document.activeElement === field) {
    field.value = '';
    look();
  }
});
// A link to a turn opens the session that it stands in.
function reveal() {
  const turn = document.getElementById(location.hash.slice(1));
  const details = turn && turn.closest('details');
  if (details && !details.open) {
    details.open = true;
    turn.scrollIntoView();
  }
}
addEventListener('hashchange', reveal);
reveal();
field.disabled = false;
look();
