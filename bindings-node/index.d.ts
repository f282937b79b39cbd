/** The version of the engine inside this package. */
export declare function version(): string
