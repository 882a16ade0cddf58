import Contracts

extension Accountant {
    private var isParkingLot: (String) -> Bool { { QueueName.deadLetterQueues.contains($0) } }

    /// The generation in which a dead job died; `nil` for a job that is not dead.
    private func lastGeneration(_ job: String) -> Int? {
        guard let job = jobs[job]?.first, job.state == JobState.deadLetter.rawValue else { return nil }
        return job.timeline.filter { $0.state == JobState.deadLetter.rawValue }.map(\.generation).max() ?? 0
    }

    /// Each dead job has one dead letter of its last generation. Those of earlier generations are stale: a requeue
    /// takes them out later.
    func deadLetters() -> [Finding] {
        let parked = evidence.messages.filter { isParkingLot($0.queue) }
        let byJob = Dictionary(grouping: parked, by: \.job)
        let dead = Set(evidence.jobs.map(\.id).filter { lastGeneration($0) != nil })
        var findings = (byJob[nil] ?? []).map {
            Finding(rule: .deadLetter, text: "\($0.queue) holds a message of no job: \($0.text)")
        }
        for job in dead.union(byJob.keys.compactMap { $0 }).sorted() {
            let letters = byJob[job] ?? []
            let last = lastGeneration(job)
            let current = letters.filter { $0.generation == last }
            let later = letters.filter { $0.generation > last ?? -1 }
            if let last, current.count != 1, !(current.isEmpty && isKept(job, last)) {
                let text = "generation \(last) has \(current.count) dead letters in \(current.map(\.queue))"
                findings.append(Finding(rule: .deadLetter, job: job, text: text))
            }
            if !later.isEmpty, !isStale(later, of: job), !(later.count == 1 && isCancelled(job)) {
                let texts = later.map { "\($0.queue) generation \($0.generation) \($0.text)" }
                findings.append(Finding(rule: .deadLetter, job: job, text: "has unexplained dead letters: \(texts)"))
            }
            findings += doubles(letters.filter { $0.generation != last }, of: job)
        }
        return findings
    }

    /// Whether the dead letter of a job is in the index once, because its queue was deleted.
    private func isKept(_ job: String, _ generation: Int) -> Bool {
        let kept = evidence.index.filter { $0.isGone && $0.job == job && $0.generation == generation }
        return kept.count == 1 && kept.allSatisfy { evidence.deletions.contains($0.queue) }
    }

    /// Whether a person cancelled a job. If it died at the same moment, its dead letter stays until recovery's next survey.
    private func isCancelled(_ job: String) -> Bool {
        jobs[job]?.first?.state == JobState.cancelled.rawValue && accepted[job]?.contains(where: \.isCancelled) == true
    }

    /// Whether dead letters are those of earlier generations of a job that ended otherwise later.
    private func isStale(_ letters: [Evidence.Message], of job: String) -> Bool {
        guard let last = jobs[job]?.first?.timeline.map(\.generation).max() else { return false }
        return letters.allSatisfy { $0.generation < last }
    }

    private func doubles(_ stale: [Evidence.Message], of job: String) -> [Finding] {
        Dictionary(grouping: stale, by: \.generation).filter { $0.value.count > 1 }.map { generation, letters in
            Finding(
                rule: .deadLetter, job: job, text: "stale generation \(generation) has \(letters.count) dead letters")
        }
    }

    /// No other queue holds a message of a job.
    func otherMessages() -> [Finding] {
        evidence.messages.filter { !isParkingLot($0.queue) }.map {
            Finding(rule: .message, job: $0.job, text: "\($0.queue) holds generation \($0.generation) \($0.text)")
        }
    }

    /// Recovery lists each dead letter that is not stale, once, and nothing else. Those of cancelled jobs disappear.
    func index() -> [Finding] {
        let parked = evidence.messages.filter { message in
            guard isParkingLot(message.queue) else { return false }
            guard let job = message.job else { return true }
            return lastGeneration(job) == message.generation
        }
        let expected = Dictionary(grouping: parked) { "\($0.queue) \($0.job ?? "?")" }.mapValues(\.count)
        let entries = evidence.index.filter { entry in !entry.isGone && !(entry.job.map(isCancelled) ?? false) }
        let listed = Dictionary(grouping: entries) { "\($0.queue) \($0.job ?? "?")" }.mapValues(\.count)
        return Set(expected.keys).union(listed.keys).sorted().compactMap { key in
            let (inQueue, inIndex) = (expected[key] ?? 0, listed[key] ?? 0)
            guard inQueue != inIndex else { return nil }
            let job = key.split(separator: " ").last.map(String.init)
            return Finding(
                rule: .index, job: job,
                text: "\(key) is \(inQueue) times in the queue and \(inIndex) times in the index")
        }
    }
}
