import Testing

/// The accountant finds each kind of difference and nothing in a correct result.
struct AccountantTests {
    @Test func `a correct result has no findings`() {
        #expect(Accountant(Self.correct).findings() == [])
    }

    @Test func `a stale dead letter of an earlier generation is explained`() {
        #expect(rules { $0.messages.append(.init(queue: "hdm.dlq.match", job: "absent", generation: 0)) } == [])
    }

    @Test func `a generation that a decision about a review ended has no ending`() {
        let review = Self.event("job.match.review", "review", 0)
        let approved = Self.event("job.move.completed", "completed", 1)
        #expect(rules { $0.jobs[0].timeline = [review, approved] } == [])
        #expect(rules { $0.jobs[0].timeline = [approved] } == [.endings])
    }

    @Test func `a cancellation that came too late leaves two endings, which only an accepted one explains`() {
        let late = Self.event("job.download.cancelled", "cancelled", 0)
        #expect(rules { $0.jobs[0].timeline.append(late) } == [.endings])
        let accepted = rules { evidence in
            evidence.accepted[0].isCancelled = true
            evidence.jobs[0].timeline.append(late)
        }
        #expect(accepted == [])
    }

    @Test func `a file that is in the library twice is found`() {
        let found = rules { $0.library.append(.init(path: "a/1 (2).flac", track: 0, isWhole: true)) }
        #expect(found == [.library, .audit])
    }

    @Test func `a file that is missing, cut short or unknown is found`() {
        #expect(rules { $0.library.removeAll() } == [.library, .audit])
        #expect(rules { $0.library[0].isWhole = false } == [.library])
        #expect(rules { $0.library[0].track = nil } == [.library, .library])
    }

    @Test func `a file that was added twice to the audit trail is found`() {
        #expect(rules { $0.audit.append($0.audit[0]) } == [.audit])
    }

    @Test func `a job that the gateway lost is found`() {
        #expect(rules { $0.jobs.removeAll { $0.id == "cancelled" } } == [.lostJob])
    }

    @Test func `the dead letter of a cancelled job is explained once, and only if a cancellation was accepted`() {
        let letter = Evidence.Message(queue: "hdm.dlq.match", job: "cancelled", generation: 0)
        let entry = Evidence.Indexed(job: "cancelled", generation: 0, queue: "hdm.dlq.match")
        func found(_ letters: Int, isAccepted: Bool) -> [Finding.Rule] {
            rules { evidence in
                for index in evidence.accepted.indices where evidence.accepted[index].job == "cancelled" {
                    evidence.accepted[index].isCancelled = isAccepted
                }
                evidence.messages += Array(repeating: letter, count: letters)
                evidence.index.append(entry)
            }
        }
        #expect(found(1, isAccepted: true) == [])
        #expect(found(2, isAccepted: true) == [.deadLetter, .deadLetter])
        #expect(found(1, isAccepted: false) == [.wrongEnding, .deadLetter, .index])
    }

    @Test func `a dead letter that only the index has is explained by the deletion of its queue`() {
        func found(_ deletions: [String], entries: Int = 1) -> [Finding.Rule] {
            rules { evidence in
                evidence.messages = []
                evidence.deletions = deletions
                evidence.index[0].isGone = true
                evidence.index = Array(repeating: evidence.index[0], count: entries)
            }
        }
        #expect(found(["hdm.dlq.match"]) == [])
        #expect(found(["hdm.q.match"]) == [.deadLetter])
        #expect(found(["hdm.dlq.match"], entries: 2) == [.deadLetter])
        #expect(
            rules {
                $0.messages = []; $0.index = []; $0.deletions = ["hdm.dlq.match"]
            } == [.deadLetter])
    }

    @Test func `a job that crashes ended is found, unless its service was made to crash`() {
        func found(_ crashing: Set<String>) -> [Finding.Rule] {
            rules { evidence in
                evidence.looped = ["absent"]
                evidence.jobs[1].timeline[0].text = "crash_loop: 3 processes crashed"
                evidence.crashing = crashing
            }
        }
        #expect(found(["match"]) == [])
        #expect(found(["tag"]) == [.crashLoop])
    }

    @Test func `a job that lost its message is found, unless the queue of its stage was deleted`() {
        func found(_ deletions: [String], losses: Int = 1) -> [Finding.Rule] {
            rules { evidence in
                evidence.lost = Array(repeating: "absent", count: losses)
                evidence.deletions = deletions
            }
        }
        #expect(found([]) == [.lostMessage])
        #expect(found(["hdm.events.gateway", "hdm.dlq.match", "hdm.q.move"]) == [.lostMessage])
        #expect(found(["hdm.q.match"]) == [])
        #expect(found(["hdm.q.match"], losses: 21) == [.lostMessage])
    }

    @Test func `two stale dead letters of one generation are found, whatever the ending`() {
        let letters = Array(repeating: Evidence.Message(queue: "hdm.dlq.match", job: "absent", generation: 0), count: 2)
        let revived = rules { evidence in
            evidence.messages += letters
            evidence.jobs[2].timeline.append(Self.event("job.move.completed", "completed", 2))
        }
        #expect(revived.contains(.deadLetter))
    }

    @Test func `a job that is shown twice is found`() {
        #expect(rules { $0.jobs.append($0.jobs[2]) } == [.lostJob])
    }

    @Test func `a job that nobody requested is found`() {
        let stranger = Evidence.Job(
            id: "x", state: "cancelled", timeline: [Self.event("job.match.cancelled", "cancelled", 0)])
        #expect(rules { $0.jobs.append(stranger) } == [.unknownJob])
    }

    @Test func `a job that is still shown as running is found`() {
        let found = rules {
            $0.jobs[0].state = "moving"
            $0.jobs[0].timeline.removeLast()
        }
        #expect(found == [.active, .endings, .library])
    }

    @Test func `a job with two endings is found`() {
        #expect(
            rules { $0.jobs[0].timeline.append(Self.event("job.move.dead_lettered", "dead_letter", 0)) } == [.endings])
    }

    @Test func `a hit that became a dead letter is found`() {
        let found = rules {
            $0.jobs[0].state = "dead_letter"
            $0.jobs[0].timeline = [Self.event("job.move.dead_lettered", "dead_letter", 0)]
        }
        #expect(found == [.wrongEnding, .library, .deadLetter, .reservation])
    }

    @Test func `a doubled dead letter is found, also a stale one`() {
        let letter = Evidence.Message(queue: "hdm.dlq.match", job: "absent", generation: 1)
        #expect(rules { $0.messages.append(letter) } == [.deadLetter, .index])
        let stale = Evidence.Message(queue: "hdm.dlq.match", job: "absent", generation: 0)
        #expect(rules { $0.messages += [stale, stale] } == [.deadLetter])
    }

    @Test func `a lost dead letter is found`() {
        #expect(rules { $0.messages.removeAll() } == [.deadLetter, .index])
    }

    @Test func `a dead letter that the index does not list, or lists twice, is found`() {
        #expect(rules { $0.index.removeAll() } == [.index])
        #expect(rules { $0.index.append($0.index[0]) } == [.index])
    }

    @Test func `a message that is left in a queue is found`() {
        #expect(rules { $0.messages.append(.init(queue: "hdm.q.tag", job: "hit", generation: 0)) } == [.message])
    }

    @Test func `a held key of a dead job, and a free one of a completed job, are found`() {
        #expect(
            rules { $0.reservations.append(.init(key: "k", job: "absent", status: "in_progress")) } == [.reservation])
        #expect(rules { $0.reservations.removeAll() } == [.reservation])
        #expect(rules { $0.reservations.append(.init(key: "k", job: "x", status: "in_progress")) } == [.reservation])
    }

    @Test func `leftovers and refused requests are found`() {
        #expect(rules { $0.leftovers = ["downloads/jobs/hit/a.partial"] } == [.leftover])
        #expect(rules { $0.refused = [.init(track: 9, kind: .folder, at: 0)] } == [.notAccepted])
    }

    // MARK: - Setup

    private func rules(_ change: (inout Evidence) -> Void) -> [Finding.Rule] {
        var evidence = Self.correct
        change(&evidence)
        return Accountant(evidence).findings().map(\.rule)
    }

    private static func event(_ name: String, _ state: String, _ generation: Int) -> Evidence.Event {
        Evidence.Event(name: name, state: state, generation: generation, at: "")
    }

    /// A completed job, one that was requeued and died again, and a cancelled one.
    private static var correct: Evidence {
        var evidence = Evidence()
        let hit = Workload.Request(track: 0, kind: .folder, at: 0)
        let absent = Workload.Request(track: 1, kind: .absent, at: 0)
        let cancelled = Workload.Request(track: 2, kind: .folder, at: 0)
        evidence.accepted = [
            .init(job: "hit", request: hit), .init(job: "hit", request: hit),
            .init(job: "absent", request: absent, requeues: 1),
            .init(job: "cancelled", request: cancelled, isCancelled: true),
        ]
        evidence.jobs = [
            .init(
                id: "hit", state: "completed",
                timeline: [event("job.match.enqueued", "queued", 0), event("job.move.completed", "completed", 0)]),
            .init(
                id: "absent", state: "dead_letter",
                timeline: [
                    event("job.match.dead_lettered", "dead_letter", 0), event("job.match.requeued", "queued", 1),
                    event("job.match.dead_lettered", "dead_letter", 1),
                ]),
            .init(id: "cancelled", state: "cancelled", timeline: [event("job.tag.cancelled", "cancelled", 0)]),
        ]
        evidence.library = [.init(path: "a/1.flac", track: 0, isWhole: true)]
        evidence.audit = [.init(action: "added", job: "hit", path: "a/1.flac")]
        evidence.messages = [.init(queue: "hdm.dlq.match", job: "absent", generation: 1)]
        evidence.index = [.init(job: "absent", generation: 1, queue: "hdm.dlq.match")]
        evidence.reservations = [.init(key: "QZ", job: "hit", status: "completed")]
        return evidence
    }
}
