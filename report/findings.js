'use strict';
(() => {
  const $ = s => document.querySelector(s), all = s => [...document.querySelectorAll(s)];
  document.documentElement.classList.add('js');
  const rule = $('#rule'), file = $('#file'), severity = $('#severity'), said = $('output'), articles = all('article'), dirs = all('.dir');
  if (!rule) return;
  let dir = null;
  const inside = (path, d) => d === null || path === d;
  const update = () => {
    let n = 0;
    for (const section of all('.file')) {
      let here = 0;
      const wanted = (!file.value || file.value === section.dataset.file) && inside(section.dataset.dir, dir);
      for (const a of section.querySelectorAll('article')) {
        const show = wanted && (!rule.value || rule.value === a.dataset.rule) && (!severity.value || severity.value === a.dataset.severity);
        a.hidden = !show;
        if (show) here++;
      }
      section.hidden = here === 0;
      n += here;
    }
    for (const d of dirs) d.setAttribute('aria-pressed', String(d.dataset.dir === dir));
    said.textContent = n === articles.length ? '' : n + ' of ' + articles.length;
    $('#none').hidden = n > 0;
  };
  for (const s of [rule, file, severity]) s.addEventListener('change', update);
  for (const d of dirs) d.addEventListener('click', () => { dir = dir === d.dataset.dir ? null : d.dataset.dir; file.value = ''; update(); });
  for (const b of all('.byrule')) b.addEventListener('click', () => { rule.value = b.dataset.rule; update(); });
  $('#reset').addEventListener('click', () => { rule.value = file.value = severity.value = ''; dir = null; update(); });
  update();
})();
