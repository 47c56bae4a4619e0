// A page opened from a disk may not start a Worker: search runs in a hidden frame instead.
"use strict";
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(url) {
      super();
      const frame = document.createElement("iframe");
      frame.hidden = true;
      document.body.append(frame);
      this.inside = frame.contentWindow;
      this.inside.document.open();
      this.inside.document.close(); // else Firefox would still replace the document
      this.inside.postMessage = (data) => {
        const message = new MessageEvent("message", { data: structuredClone(data) });
        setTimeout(() => {
          this.dispatchEvent(message);
          this.onmessage?.(message);
        });
      };
      const script = this.inside.document.createElement("script");
      this.ready = new Promise((loaded) => script.addEventListener("load", loaded));
      script.src = url;
      this.inside.document.body.append(script);
    }

    async postMessage(data) {
      const message = new MessageEvent("message", { data: structuredClone(data) });
      await this.ready;
      this.inside.dispatchEvent(message);
    }

    terminate() {
      this.inside.frameElement.remove();
    }
  };
}
