import Contracts

/// Compares what was promised with what is left, message by message and file by file.
struct Accountant {
    let evidence: Evidence
    /// The jobs of the API by id. Two rows with one id are a finding.
    let jobs: [String: [Evidence.Job]]
    /// What was accepted, by job.
    let accepted: [String: [Evidence.Accepted]]

    init(_ evidence: Evidence) {
        self.evidence = evidence
        jobs = Dictionary(grouping: evidence.jobs, by: \.id)
        accepted = Dictionary(grouping: evidence.accepted, by: \.job)
    }

    /// All differences; empty when every job ended once and everything that is left is explained.
    func findings() -> [Finding] {
        let all: [[Finding]] = [
            submissions(), lostMessages(), crashLoops(), states(), endings(), library(), audit(), deadLetters(),
            otherMessages(), index(), reservations(), leftovers(),
        ]
        return all.flatMap { $0 }
    }

    /// Each accepted item has one job, and each job was asked for.
    private func submissions() -> [Finding] {
        evidence.refused.map {
            Finding(rule: .notAccepted, text: "request \($0.track) (\($0.kind)) was never accepted")
        }
            + accepted.keys.sorted().compactMap { job in
                let count = jobs[job]?.count ?? 0
                guard count != 1 else { return nil }
                return Finding(rule: .lostJob, job: job, text: "the API shows the accepted job \(count) times")
            }
            + jobs.keys.sorted().filter { accepted[$0] == nil }.map {
                Finding(rule: .unknownJob, job: $0, text: "the API shows a job that nobody requested")
            }
    }

    /// The most messages of a queue that connections hold while it is deleted.
    private static let mostHeld = 20

    /// Only a person who deletes a queue destroys messages: those of its stage, and no more than are held.
    private func lostMessages() -> [Finding] {
        var explained = Dictionary(grouping: evidence.deletions) { $0 }.mapValues { $0.count * Self.mostHeld }
        return evidence.lost.sorted().compactMap { job in
            for queue in queuesOfDeaths(of: job) where explained[queue, default: 0] > 0 {
                explained[queue, default: 0] -= 1
                return nil
            }
            return Finding(rule: .lostMessage, job: job, text: "lost its message, and its queue was not deleted")
        }
    }

    /// Only a service that was made to crash ends jobs for it.
    private func crashLoops() -> [Finding] {
        evidence.looped.sorted().compactMap { job in
            let endings = jobs[job]?.flatMap(\.timeline).filter { $0.text.hasPrefix("crash_loop") } ?? []
            let services = endings.compactMap(\.place)
            guard services.isEmpty || !evidence.crashing.isSuperset(of: services) else { return nil }
            return Finding(rule: .crashLoop, job: job, text: "ended by crashes that nobody made")
        }
    }

    /// The queues in which a job was before it ended as a dead letter. Its last event is from before or behind the queue.
    private func queuesOfDeaths(of job: String) -> Set<String> {
        let deaths = jobs[job]?.flatMap(\.timeline).filter { $0.name.hasSuffix(".dead_lettered") } ?? []
        let stages = deaths.compactMap { $0.place.flatMap(Stage.init(rawValue:)) }
        return Set(stages.flatMap { [$0, $0.next].compactMap { $0 } }.map { QueueName.work($0) })
    }

    private func states() -> [Finding] {
        evidence.jobs.compactMap { job in
            guard let asked = accepted[job.id]?.first else { return nil }
            guard let state = JobState(rawValue: job.state), state.isFinal else {
                return Finding(rule: .active, job: job.id, text: "is shown as \(job.state)")
            }
            let expected = Self.expected(accepted[job.id] ?? [])
            guard !expected.contains(state) else { return nil }
            let names = expected.map(\.rawValue).joined(separator: " or ")
            let text =
                "request \(asked.request.track) (\(asked.request.kind)) ended as \(job.state) instead of \(names)"
            return Finding(rule: .wrongEnding, job: job.id, text: text)
        }
    }

    /// The endings that a job may have. A cancellation can come too late.
    private static func expected(_ accepted: [Evidence.Accepted]) -> [JobState] {
        guard let request = accepted.first?.request else { return [] }
        let ending: JobState =
            switch request.kind {
            case .folder, .slskd, .approved: .completed
            case .absent: .deadLetter
            case .rejected: .cancelled
            }
        return accepted.contains(where: \.isCancelled) && ending != .cancelled ? [ending, .cancelled] : [ending]
    }

    /// Each generation of a job ends once. Two things end a generation without an ending, and begin the next: a person's
    /// decision about a review, and the return of a message that no queue took.
    private func endings() -> [Finding] {
        evidence.jobs.flatMap(endings(of:))
    }

    private func endings(of job: Evidence.Job) -> [Finding] {
        let endings = Dictionary(grouping: job.timeline.filter(Self.isEnding), by: \.generation)
        let last = job.timeline.map(\.generation).max() ?? 0
        var findings: [Finding] = []
        for generation in 0...last {
            let names = (endings[generation] ?? []).map(\.name)
            let isContinued =
                generation < last && job.timeline.contains { $0.generation == generation && $0.isContinued }
            guard names.count != 1, !(names.isEmpty && isContinued), !isLateCancel(names, of: job) else { continue }
            let text = "generation \(generation) has \(names.count) endings: \(names)"
            findings.append(Finding(rule: .endings, job: job.id, text: text))
        }
        return findings
    }

    /// Whether a job ended while the gateway accepted its cancellation. The first of the two endings had happened when
    /// the other was told, so the timeline has both and the state is that of the other ending.
    private func isLateCancel(_ names: [String], of job: Evidence.Job) -> Bool {
        guard names.count == 2, accepted[job.id]?.contains(where: \.isCancelled) == true else { return false }
        return names.count { $0.hasSuffix(".cancelled") } == 1
    }

    private static func isEnding(_ event: Evidence.Event) -> Bool {
        guard JobState(rawValue: event.state)?.isFinal == true else { return false }
        let name = event.name.split(separator: ".").last.flatMap { JobEvent.Name(rawValue: String($0)) }
        return name != .step && name != .purged
    }

    private func leftovers() -> [Finding] {
        evidence.leftovers.sorted().map { Finding(rule: .leftover, text: $0) }
    }
}

extension Evidence.Event {
    /// The stage in the event's name, which is also the name of its service.
    fileprivate var place: String? { name.split(separator: ".").dropFirst().first.map(String.init) }

    /// Whether the next generation continues the job without an ending of this one.
    fileprivate var isContinued: Bool {
        name.hasSuffix(".review") || name.hasSuffix(".waiting") && text.contains("no queue is bound")
    }
}
