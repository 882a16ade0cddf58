import Contracts
import Databases
import Foundation
import GRDB

extension Database {
    /// Records a link of a submission and puts it into the outbox for the planner.
    func reserve(_ link: Admission.Link, _ context: AdmissionContext) throws -> SubmissionResponse.Expanding {
        let request = link.request
        try insert(
            ExpansionEvent(
                expansionID: request.expansionID, batchID: request.batchID, link: request.link, step: 0,
                state: .queued, counts: ExpansionEvent.Counts(), at: context.now), at: context.now)
        try enqueue(
            OutboxMessage(
                id: request.expansionID.text, subject: request.expansionID, batchID: request.batchID.text,
                priority: request.priority ?? request.kind.defaultPriority, body: try ContractCoding.encode(request),
                traceparent: context.traceparent, route: .link(traceparent: context.traceparent)))
        return SubmissionResponse.Expanding(
            index: link.index, expansionID: request.expansionID, link: request.link)
    }

    /// Applies an event of the planner if its step is higher than the recorded one.
    /// - Returns: Whether it changed anything.
    func apply(_ event: ExpansionEvent, at now: Timestamp) throws -> Bool {
        let step = try Int.fetchOne(
            cachedStatement(sql: "SELECT step FROM expansions WHERE expansion_id = ?"),
            arguments: [event.expansionID.text])
        guard let step else {
            try addToBatch(event.batchID.text, requestedBy: nil, items: 0, at: now)
            try insert(event, at: now)
            return true
        }
        guard event.step > step else { return false }
        try update(event)
        return true
    }

    /// Returns the links of a batch, in the order of submission. Links that cannot be read are left out.
    func expansions(inBatch id: String) throws -> [ExpansionSummary] {
        try readAll("SELECT * FROM expansions WHERE batch_id = ? ORDER BY number", [id], ExpansionSummary.init)
    }

    private func insert(_ event: ExpansionEvent, at now: Timestamp) throws {
        try cachedStatement(
            sql: """
                INSERT INTO expansions (expansion_id, batch_id, link, state, created_at, updated_at)
                VALUES (?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            event.expansionID.text, event.batchID.text, event.link, event.state.rawValue, now.milliseconds,
            now.milliseconds,
        ])
        try update(event)
    }

    private func update(_ event: ExpansionEvent) throws {
        try cachedStatement(
            sql: """
                UPDATE expansions SET
                    step = ?, state = ?, read = ?, enqueued = ?, already_enqueued = ?, already_processed = ?,
                    skipped = ?, total = ?, until = ?, code = ?, message = ?, updated_at = ?, ended_at = ?
                WHERE expansion_id = ?
                """
        ).execute(arguments: [
            event.step, event.state.rawValue, event.counts.read, event.counts.enqueued, event.counts.alreadyEnqueued,
            event.counts.alreadyProcessed,
            String(decoding: try ContractCoding.encode(event.counts.skipped, sorted: true), as: UTF8.self),
            event.total, event.until?.milliseconds, event.error?.code, event.error?.message, event.at.milliseconds,
            event.state.isFinal ? event.at.milliseconds : nil, event.expansionID.text,
        ])
    }
}
