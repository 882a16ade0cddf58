import Contracts
import Foundation
import GRDB
import Logging
import Metadata

@testable import Gateway

extension GatewayFixture {
    /// What makes jobs of links, as a process of this name.
    func expander(
        _ catalogue: ShelfCatalogue?, on store: JobStore? = nil, worker: String = "test"
    ) -> Expander {
        Expander(
            store: store ?? self.store, catalogues: Catalogues(spotify: catalogue, musicBrainz: nil), limits: limits,
            outbox: wake, worker: worker, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// Submits a link and reads it for as long as something is due.
    func expand(_ link: String, _ catalogue: ShelfCatalogue?) async throws -> Expansion {
        let id = try await submit(link: link)
        try await expander(catalogue).drain()
        return try await expansion(id)
    }

    /// Submits a link; `more` are further members of the submission.
    func submit(link: String, _ more: String = "") async throws -> JobID {
        let answer = try await submit(#"{"items":[{"link":"\#(link)"}]\#(more)}"#)
        guard let item = answer.expansions.first else { throw NotThere() }
        return item.expansionID
    }

    func expansion(_ id: JobID) async throws -> Expansion {
        guard let expansion = try await store.expansion(id) else { throw NotThere() }
        return expansion
    }

    /// Every job there is, in the order in which they came.
    func allJobs() async throws -> [JobDocument] {
        let bodies = try await store.writer.read { db in
            try Data.fetchAll(db, sql: "SELECT document FROM jobs ORDER BY number")
        }
        return try bodies.map { try ContractCoding.decode(JobDocument.self, from: $0) }
    }
}

extension LeasedTask {
    /// Takes steps for as long as something is due.
    func drain() async throws { while try await advance() {} }
}
