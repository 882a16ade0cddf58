import ServiceKit
import ServiceLifecycle

/// The parts of the gateway that read catalogues, and the signals that wake them.
struct CatalogueWork: Sendable {
    /// Raised when there are new links.
    let links = WakeSignal()
    /// Raised when something that is watched may be due.
    let watching = WakeSignal()

    func services(
        _ runtime: ServiceRuntime, _ settings: GatewaySettings, store: JobStore, catalogues: Catalogues,
        outbox: WakeSignal
    ) -> [any Service] {
        let expander = Expander(
            store: store, catalogues: catalogues, limits: settings.limits, outbox: outbox, worker: runtime.instance,
            logger: runtime.logger)
        let watcher = Watcher(
            store: store, catalogues: catalogues, limits: settings.limits, outbox: outbox, worker: runtime.instance,
            logger: runtime.logger)
        let links = WorkLoop(work: expander, wake: links)
        guard settings.watchLanes > 0 else { return [links] }
        return [links, WorkLoop(work: watcher, wake: watching, lanes: settings.watchLanes)]
    }
}
