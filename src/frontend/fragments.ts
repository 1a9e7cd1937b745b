// Leads on to the next page of a report if the page lacks the element that the address names.

const next = (document.currentScript as HTMLScriptElement).dataset.next;

function leadOn(): void {
  const name = decodeURIComponent(location.hash.slice(1));
  if (next && name && !document.getElementById(name)) location.replace(next + location.hash);
}

addEventListener("hashchange", leadOn);
leadOn();
