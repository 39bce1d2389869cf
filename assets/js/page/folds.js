/**
 * Folding a long group again takes away what is above the control: bring the group back into view.
 *
 * A classic script, not a module: browsers refuse modules on pages opened from a file. Without it the page loses only
 * this comfort.
 */
addEventListener("change", (event) => {
  const control = event.target;
  if (control.matches(".unfold") && !control.checked) {
    const card = control.closest(".card");
    if (card.getBoundingClientRect().top < 0) card.scrollIntoView({ block: "start" });
  }
});
