// Fills longitude and latitude from the device, when the reader asks for it.

const button = document.querySelector("[data-locates]");
if (button && navigator.geolocation) {
  button.hidden = false;
  button.addEventListener("click", () => {
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      document.getElementById("f-lon").value = coords.longitude.toFixed(6);
      document.getElementById("f-lat").value = coords.latitude.toFixed(6);
      button.closest("form").querySelector("details")?.setAttribute("open", ""); // seen, and may be corrected
    });
  });
}
