import Contracts
import Foundation
import GRDB

// What a page of a list becomes.
extension JobStore {
    /// Makes the jobs of a page and moves the cursor on, in one transaction: a death at any moment neither loses an entry
    /// nor takes one twice.
    /// - Returns: the link as it is then; `nil` when another process took this step, or the link was cancelled.
    func keep(
        _ page: ExpansionPage, of expansion: Expansion, limits: IntakeLimits, worker: String
    ) async throws -> Expansion? {
        let now = clock()
        return try await writer.write(.onDisk) { db in
            guard let current = try Self.expansion(expansion.id, db), current.step == expansion.step,
                !current.state.isFinal
            else { return nil }
            var step = ExpansionStep(expansion: expansion, page: page, limit: limits.expansionItems, now: now)
            let items = try step.items(db)
            let answers = try Self.admit(items, as: expansion.plan.frame(worker: worker, at: now), limits, db)
            step.finish(answers)
            guard try Self.save(step.expansion, at: now, db) else { return nil }
            return step.expansion
        }
    }
}

/// A page on its way into the database.
private struct ExpansionStep {
    var expansion: Expansion
    let page: ExpansionPage
    /// Entries of a list that are read.
    let limit: Int
    let now: Timestamp

    /// The jobs of the page's entries; the others are counted.
    mutating func items(_ db: Database) throws -> [Admission.Item] {
        var items: [Admission.Item] = []
        for entry in page.entries.prefix(max(0, limit - expansion.counts.read)) {
            expansion.counts.read += 1
            switch WantedTrack.of(entry, in: expansion.link.catalogue, ignoresAlbum: page.ignoresAlbum) {
            case .failure(let reason): expansion.counts.skip(reason)
            case .success(let wanted):
                switch try appearance(of: wanted, db) {
                case .first: try add(wanted, to: &items)
                case .again: expansion.counts.skip(.duplicate)
                case .beforeThisReading: break
                }
            }
        }
        return items
    }

    private mutating func add(_ wanted: WantedTrack, to items: inout [Admission.Item]) throws {
        let place = expansion.counts.wanted + items.count
        let job = expansion.plan.job(
            of: wanted.track, isOnlyOne: expansion.link.kind == .track, at: place, now)
        do {
            items.append(try Admission.Item(index: place, job: job))
        } catch is ContractViolation {
            expansion.counts.skip(.unnamed)
        }
    }

    /// Counts what the jobs became and moves the cursor on, or ends the reading.
    mutating func finish(_ answers: [SubmissionResponse.Item]) {
        func count(_ status: SubmissionResponse.Status) -> Int { answers.count { $0.status == status } }
        expansion.counts.enqueued += count(.enqueued)
        expansion.counts.alreadyEnqueued += count(.alreadyEnqueued)
        expansion.counts.alreadyProcessed += count(.alreadyProcessed)
        expansion.total = page.total ?? expansion.total
        expansion.failures = 0
        expansion.problem = nil
        expansion.dueAt = now
        let isBeyond = expansion.counts.read >= limit
        if let next = page.next, !isBeyond {
            goOn(at: next)
        } else {
            end(isBeyond: isBeyond)
        }
    }

    private mutating func goOn(at next: ExpansionCursor) {
        if next.pass > expansion.cursor.pass { expansion.counts.beginAgain() }
        expansion.cursor = next
        expansion.state = .expanding
    }

    private mutating func end(isBeyond: Bool) {
        expansion.state = .completed
        let left = max(0, (expansion.total ?? expansion.counts.read) - expansion.counts.read)
        guard isBeyond, left > 0 || page.next != nil else { return }
        expansion.counts.skip(.limit, left)
        expansion.problem = Expansion.Problem(
            code: SkipReason.limit.rawValue,
            message: "only the first \(limit) entries were read; HDM_EXPANSION_MAX_ITEMS sets how many")
    }
}

// MARK: - What the list had before

extension ExpansionStep {
    private enum Appearance {
        case first
        /// The list has the track twice.
        case again
        /// It was taken when the list was read for the first time.
        case beforeThisReading
    }

    private func appearance(of wanted: WantedTrack, _ db: Database) throws -> Appearance {
        let pass = expansion.cursor.pass
        let passes = try wanted.keys.compactMap { key in
            try Int.fetchOne(
                db.cachedStatement(sql: "SELECT pass FROM expansion_seen WHERE expansion_id = ? AND key = ?"),
                arguments: [expansion.id.text, key])
        }
        let remember = try db.cachedStatement(
            sql: """
                INSERT INTO expansion_seen (expansion_id, key, pass) VALUES (?, ?, ?)
                ON CONFLICT (expansion_id, key) DO UPDATE SET pass = excluded.pass
                """)
        for key in wanted.keys { try remember.execute(arguments: [expansion.id.text, key, pass]) }
        guard let last = passes.max() else { return .first }
        return last == pass ? .again : .beforeThisReading
    }
}
