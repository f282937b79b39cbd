/** @type {import('next').NextConfig} */
export default {
  // The engine is a compiled addon: it is loaded by Node as it is, and not bundled.
  serverExternalPackages: ['shortlist'],
}
