import Contracts
import Foundation
import ServiceKit

@testable import PlannerService

extension PlannerFixture {
    /// The task that expands links, as a process of this name.
    func expander(
        _ catalogue: ShelfCatalogue?, on store: PlannerStore? = nil, worker: String = "test",
        checkpoint: @escaping @Sendable (TaskContext.Checkpoint) throws -> Void = { _ in }
    ) -> ExpansionTask {
        ExpansionTask(
            context: context(catalogue, on: store, worker: worker, checkpoint: checkpoint), changed: WakeSignal())
    }

    /// Inserts a link and expands it as long as something is due.
    func expand(_ link: String, _ catalogue: ShelfCatalogue?) async throws -> Expansion {
        let id = try await insert(link)
        try await expander(catalogue).drain()
        return try await expansion(id)
    }

    /// Inserts the request of a link.
    func insert(_ link: String, _ change: (inout LinkRequest) -> Void = { _ in }) async throws -> JobID {
        var request = LinkRequest(
            expansionID: JobID(), batchID: JobID(), link: try CatalogueLink(link).description, submittedAt: clock.now)
        change(&request)
        try await store.insert(request)
        return request.expansionID
    }

    func expansion(_ id: JobID) async throws -> Expansion {
        guard let expansion = try await store.expansion(id) else { throw NotThere() }
        return expansion
    }

    /// Leases the next expansion, as a process that is about to die.
    func leaseExpansion(on store: PlannerStore? = nil, worker: String) async throws -> Expansion? {
        guard case .row(let row) = try await (store ?? self.store).lease(Expansion.self, to: worker) else { return nil }
        return row
    }
}
