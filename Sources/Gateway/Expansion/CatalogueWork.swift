import ServiceKit
import ServiceLifecycle

/// The parts of the gateway that read catalogues, and the signals that wake them.
struct CatalogueWork: Sendable {
    /// Raised when there are new links.
    let links = WakeSignal()
    /// Raised when something that is watched may be due.
    let watching = WakeSignal()
    /// Raised when a backfill may go on.
    let backfilling = WakeSignal()

    func services(
        _ runtime: ServiceRuntime, _ settings: GatewaySettings, store: JobStore, catalogues: Catalogues,
        library: any Library, outbox: WakeSignal
    ) -> [any Service] {
        let expander = Expander(
            store: store, catalogues: catalogues, limits: settings.limits, outbox: outbox, worker: runtime.instance,
            logger: runtime.logger)
        let watcher = Watcher(
            store: store, catalogues: catalogues, limits: settings.limits, outbox: outbox, worker: runtime.instance,
            logger: runtime.logger)
        let backfiller = Backfiller(
            store: store, catalogues: catalogues, library: library, limits: settings.limits, outbox: outbox,
            worker: runtime.instance, logger: runtime.logger)
        let steady: [any Service] = [
            WorkLoop(work: expander, wake: links), WorkLoop(work: backfiller, wake: backfilling, concurrency: 1),
        ]
        guard settings.watchConcurrency > 0 else { return steady }
        return steady + [WorkLoop(work: watcher, wake: watching, concurrency: settings.watchConcurrency)]
    }
}
