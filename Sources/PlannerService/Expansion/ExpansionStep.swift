import Catalogues
import Contracts
import GRDB

/// Computes what a page of a list changes: the items, the counts and the next cursor.
struct ExpansionStep {
    private let expansion: Expansion
    private let page: ExpansionPage
    private let limits: PlannerLimits
    private let now: Timestamp
    private var after: ExpansionProgress
    private var draft: SubmissionDraft
    /// Keys of this page, in the order of its entries.
    private var seen: [String] = []
    private var seenOnPage: Set<String> = []

    init(_ expansion: Expansion, _ page: ExpansionPage, _ limits: PlannerLimits, at now: Timestamp) {
        self.expansion = expansion
        self.page = page
        self.limits = limits
        self.now = now
        after = expansion.progress
        draft = SubmissionDraft(
            expansion.plan.submission(isOnlyTrack: expansion.link.kind == .track), limits)
    }

    mutating func plan(_ db: Database) throws -> StepPlan<ExpansionProgress> {
        for entry in page.entries.prefix(max(0, limits.expansionItems - after.counts.read)) { try add(entry, db) }
        finish()
        return StepPlan(after: after, seen: seen, submissions: try draft.encoded())
    }

    private mutating func add(_ entry: CatalogueEntry, _ db: Database) throws {
        after.counts.read += 1
        switch WantedTrack.of(entry, in: expansion.link.catalogue, ignoresAlbum: page.ignoresAlbum) {
        case .failure(let reason): after.counts.skip(reason)
        case .success(let wanted):
            switch try occurrence(of: wanted, db) {
            case .first: try append(wanted)
            case .again: after.counts.skip(.duplicate)
            case .earlierPass: break
            }
        }
    }

    private mutating func append(_ wanted: WantedTrack) throws {
        let item = expansion.plan.item(
            of: wanted, isOnlyTrack: expansion.link.kind == .track,
            at: expansion.counts.submitted + draft.count, now: now)
        if try !draft.append(item) { after.counts.skip(.unnamed) }
    }

    // MARK: - The next state

    private mutating func finish() {
        after.total = page.total ?? after.total
        after.failures = 0
        after.problem = nil
        after.dueAt = now
        let isBeyondLimit = after.counts.read >= limits.expansionItems
        if let next = page.next, !isBeyondLimit {
            if next.pass > after.cursor.pass { after.counts.restart() }
            after.cursor = next
            after.state = .expanding
        } else {
            end(isBeyondLimit: isBeyondLimit)
        }
    }

    private mutating func end(isBeyondLimit: Bool) {
        after.state = .completed
        let rest = max(0, (after.total ?? after.counts.read) - after.counts.read)
        guard isBeyondLimit, rest > 0 || page.next != nil else { return }
        after.counts.skip(.limit, rest)
        after.problem = TaskProblem(
            code: SkipReason.limit.rawValue,
            message: "only the first \(limits.expansionItems) entries were read; HDM_EXPANSION_MAX_ITEMS sets how many")
    }

    // MARK: - Duplicates

    private enum Occurrence {
        case first
        /// The list contains the track twice.
        case again
        /// The track was submitted when the list was read for the first time.
        case earlierPass
    }

    private mutating func occurrence(of wanted: WantedTrack, _ db: Database) throws -> Occurrence {
        let isOnPage = !seenOnPage.isDisjoint(with: wanted.keys)
        seenOnPage.formUnion(wanted.keys)
        seen += wanted.keys
        if isOnPage { return .again }
        let passes = try wanted.keys.compactMap { key in
            try Int.fetchOne(
                db.cachedStatement(sql: "SELECT pass FROM expansion_seen WHERE expansion_id = ? AND key = ?"),
                arguments: [expansion.id.text, key])
        }
        guard let last = passes.max() else { return .first }
        return last == expansion.cursor.pass ? .again : .earlierPass
    }
}
