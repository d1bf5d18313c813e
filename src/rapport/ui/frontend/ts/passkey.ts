// WebAuthn: asks the server what to ask the browser, and puts its answer into the form.
import { post } from "./wire";

type Wire = Record<string, any>;

const bytes = (text: string): ArrayBuffer =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (each) => each.charCodeAt(0)).buffer as ArrayBuffer;
const text = (buffer: ArrayBuffer | null): string | undefined =>
  buffer ? btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "") : undefined;
const keys = (listed: Wire[] = []) => listed.map((each) => ({ ...each, id: bytes(each.id) })) as PublicKeyCredentialDescriptor[];

/** What the authenticator says to the server's question. */
async function asked(kind: string, options: Wire): Promise<PublicKeyCredential> {
  const challenge = bytes(options.challenge);
  const answer =
    kind === "create"
      ? await navigator.credentials.create({
          publicKey: { ...options, challenge, user: { ...options.user, id: bytes(options.user.id) }, excludeCredentials: keys(options.excludeCredentials) } as PublicKeyCredentialCreationOptions,
        })
      : await navigator.credentials.get({ publicKey: { ...options, challenge, allowCredentials: keys(options.allowCredentials) } as PublicKeyCredentialRequestOptions });
  return answer as PublicKeyCredential;
}

function wire({ rawId, id, type, response }: PublicKeyCredential): Wire {
  const told: Wire = { clientDataJSON: text(response.clientDataJSON) };
  if (response instanceof AuthenticatorAttestationResponse) {
    told.attestationObject = text(response.attestationObject);
    told.transports = response.getTransports?.() ?? [];
  } else if (response instanceof AuthenticatorAssertionResponse) {
    told.authenticatorData = text(response.authenticatorData);
    told.signature = text(response.signature);
    told.userHandle = text(response.userHandle);
  }
  return { id, rawId: text(rawId), type, response: told, clientExtensionResults: {} };
}

/** Fills the form in and sends it; what goes wrong is said in it. */
export async function answer(form: HTMLFormElement): Promise<void> {
  const problem = form.querySelector<HTMLElement>("[data-passkey-problem]")!;
  const say = (why: string | undefined) => {
    problem.hidden = !why;
    problem.textContent = why ?? "";
  };
  const set = (name: string, value: string) => ((form.elements.namedItem(name) as HTMLInputElement).value = value);
  say(undefined);
  const { ok, text: told } = window.PublicKeyCredential ? await post(form.dataset.options!) : { ok: false, text: "" };
  delete form.dataset.busy;
  if (!ok) return say(window.PublicKeyCredential ? problem.dataset.failed : problem.dataset.none);
  const { options, state } = JSON.parse(told);
  try {
    set("credential", JSON.stringify(wire(await asked(form.dataset.passkey!, options))));
    set("state", state);
    form.requestSubmit();
  } catch (error) {
    const name = (error as Error).name;
    say(name === "InvalidStateError" ? (problem.dataset.known ?? problem.dataset.failed) : name === "SecurityError" ? problem.dataset.none : problem.dataset.failed);
  }
}
