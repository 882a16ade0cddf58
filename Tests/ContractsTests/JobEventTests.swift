import Contracts
import Testing

@Suite struct JobEventTests {
    private let job = JobDocument(track: Track(artist: "A", title: "T"))

    private func event(_ name: JobEvent.Name, _ stage: Stage, hop: Int) -> JobEvent {
        JobEvent(name, of: job, at: stage, state: .queued, hop: hop, attempt: 1, worker: "w")
    }

    @Test func `the sequence grows with the steps of a job`() {
        let way = [
            event(.started, .match, hop: 0), event(.completed, .match, hop: 0), event(.started, .download, hop: 1),
            event(.retry, .download, hop: 1), event(.started, .download, hop: 2),
            event(.deadLettered, .download, hop: 2),
            event(.requeued, .download, hop: 3), event(.started, .download, hop: 4),
            event(.completed, .download, hop: 4),
        ]
        for (earlier, later) in zip(way, way.dropFirst()) { #expect(earlier.sequence < later.sequence) }
    }

    @Test(arguments: JobEvent.Name.allCases.filter { ![.enqueued, .started, .step].contains($0) })
    func `the end of a step comes after its beginning and before the next step`(_ end: JobEvent.Name) {
        #expect(event(end, .tag, hop: 5).sequence > event(.started, .tag, hop: 5).sequence)
        #expect(event(end, .tag, hop: 5).sequence < event(.enqueued, .tag, hop: 6).sequence)
    }

    @Test func `a repeated event has the same id, another event has another`() {
        #expect(event(.started, .tag, hop: 2).eventID == event(.started, .tag, hop: 2).eventID)
        var ids: Set<String> = []
        for name in JobEvent.Name.allCases {
            for stage in Stage.allCases {
                for hop in 0..<5 { ids.insert(event(name, stage, hop: hop).eventID) }
            }
        }
        #expect(ids.count == JobEvent.Name.allCases.count * Stage.allCases.count * 5)
    }

    @Test(arguments: JobEvent.Name.allCases, Stage.allCases)
    func `name, routing key and last word agree`(_ name: JobEvent.Name, _ stage: Stage) {
        let event = event(name, stage, hop: 0)
        #expect(event.routingKey == "job.\(stage.rawValue).\(name.rawValue)")
        #expect(event.event == event.routingKey && event.name == name)
    }
}
