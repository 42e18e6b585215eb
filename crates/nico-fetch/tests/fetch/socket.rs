//! The transport that comes with the crate, against a server on loopback that misbehaves on the
//! wire.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use nico_fetch::{
    Event, FetchOptions, Fetcher, HttpTransport, Method, Origin, Request, Response, Session,
    Transport,
};

use crate::service::{Fault, Reply, SESSION, Service};
use crate::world::{FakeClock, collected, folder, threads};

/// Time that the client of these tests gives a request. Generous, as only the slow requests use it
/// up.
const TIMEOUT: Duration = Duration::from_secs(2);

/// Answers connections one after the other until the test ends; a request each.
fn serve(service: Arc<Mutex<Service>>) -> Origin {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap())
        .parse()
        .unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let service = Arc::clone(&service);
            // A client that has gone away is no concern of the server.
            std::thread::spawn(move || stream.is_ok_and(|stream| answer(stream, &service).is_ok()));
        }
    });
    origin
}

fn answer(mut stream: TcpStream, service: &Mutex<Service>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 || line.trim().is_empty() {
            break;
        }
        lines.push(line.trim().to_owned());
    }
    let header = |wanted: &str| {
        let fields = lines.iter().skip(1).filter_map(|line| line.split_once(':'));
        let mut found = fields.filter(|(name, _)| name.eq_ignore_ascii_case(wanted));
        found.next().map(|(_, value)| value.trim().to_owned())
    };
    let len = header("Content-Length").map_or(0, |len| len.parse().unwrap());
    let mut body = vec![0; len];
    reader.read_exact(&mut body)?;
    let Some((method, path)) = lines.first().and_then(|line| line.split_once(' ')) else {
        return Ok(());
    };
    let method = if method == "POST" {
        Method::Post
    } else {
        Method::Get
    };
    let path = path.trim_end_matches(" HTTP/1.1").to_owned();
    let reply = service
        .lock()
        .unwrap()
        .respond(method, &path, &header, &body);
    let (answer, len) = match reply {
        Reply::Response(answer) => (answer, None),
        Reply::Cut(answer, len) => (answer, Some(len)),
        Reply::Reset | Reply::Die => return Ok(()),
        Reply::Slow => {
            write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")?;
            loop {
                stream.write_all(b" ")?;
                stream.flush()?;
                std::thread::sleep(Duration::from_millis(50));
            }
        }
    };
    write!(
        stream,
        "HTTP/1.1 {} X\r\nContent-Length: {}\r\nConnection: close\r\n",
        answer.status,
        answer.body.len()
    )?;
    for (name, value) in &answer.headers {
        write!(stream, "{name}: {value}\r\n")?;
    }
    stream.write_all(b"\r\n")?;
    stream.write_all(&answer.body[..len.unwrap_or(answer.body.len())])
}

#[test]
fn a_whole_run_over_a_socket() {
    let mut service = Service::new(threads(1_200, 41), 200);
    // Not where the override is: not asked.
    service.server = "https://public.nvcomment.nicovideo.jp".to_owned();
    let at = |at: usize, fault| (at, fault);
    let faults = [
        at(1, Fault::Cut),
        at(3, Fault::Slow),
        at(4, Fault::Throttle(429, Some(3))),
        at(6, Fault::Reset),
        at(8, Fault::Expire),
        at(11, Fault::Status(502)),
        at(12, Fault::Repeat),
        at(13, Fault::Throttle(400, None)),
    ];
    let fault = |at: usize| {
        faults
            .iter()
            .find(|(when, _)| *when == at)
            .map(|&(_, fault)| fault)
    };
    service.faults = (0..14).map(fault).collect();
    let service = Arc::new(Mutex::new(service));
    let origin = serve(Arc::clone(&service));
    let folder = folder();
    let mut fetcher = Fetcher::new(FetchOptions::default().server(origin))
        .session(Session::new(SESSION).unwrap())
        .transport(HttpTransport::new(TIMEOUT, 1 << 20))
        .clock(FakeClock::default());
    let mut said = String::new();
    let report = fetcher
        .fetch(&"sm9".parse().unwrap(), folder.path(), &mut |event| {
            said.push_str(&format!("{event:?}\n"));
            if let Event::Waiting { fault, .. } = event {
                said.push_str(&format!("{fault}\n"));
            }
            std::ops::ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!(
        collected(&folder.path().join("comments.xml")),
        service.lock().unwrap().reachable()
    );
    assert!(report.is_finished() && report.waits == 6, "{said}");
    for expected in [
        "no whole answer in time",
        "too many requests",
        "the server failed (status 502)",
        "KeyRenewed",
    ] {
        assert!(said.contains(expected), "{expected} is not in {said}");
    }
}

fn one_answer(answer: Response, max_len: usize) -> Result<Response, nico_fetch::TransportError> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = BufReader::new(stream.try_clone().unwrap()).lines();
        while request
            .next()
            .is_some_and(|line| line.is_ok_and(|line| !line.is_empty()))
        {}
        let mut head = format!(
            "HTTP/1.1 {} X\r\nContent-Length: {}\r\n",
            answer.status,
            answer.body.len()
        );
        for (name, value) in &answer.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        stream.write_all(format!("{head}\r\n").as_bytes()).unwrap();
        // The client may have seen enough.
        let _ = stream.write_all(&answer.body);
    });
    let mut request = Request::new(Method::Get, url);
    request
        .headers
        .push(("Cookie", format!("user_session={SESSION}")));
    HttpTransport::new(TIMEOUT, max_len).send(&request)
}

#[test]
fn an_answer_may_not_be_longer_than_the_limit() {
    let body = vec![b' '; 1000];
    assert_eq!(
        one_answer(Response::new(200, body.clone()), 1000)
            .unwrap()
            .body,
        body
    );
    let error = one_answer(Response::new(200, body), 999).unwrap_err();
    assert!(
        !error.is_transient() && error.to_string().contains("longer than 999 bytes"),
        "{error}"
    );
}

#[test]
fn a_small_answer_that_unpacks_to_a_long_one_is_refused() {
    // A million zero bytes, as gzip makes them.
    let bomb: Vec<u8> = include_bytes!("zeros.gz").to_vec();
    assert!(bomb.len() < 2000);
    let answer = Response::new(200, bomb).with_header("Content-Encoding", "gzip");
    assert_eq!(
        one_answer(answer.clone(), 1_000_000).unwrap().body.len(),
        1_000_000
    );
    assert!(!one_answer(answer, 999_999).unwrap_err().is_transient());
}

#[test]
fn a_redirect_is_an_answer() {
    let answer = Response::new(302, "").with_header("Location", "http://127.0.0.1:9/elsewhere");
    let answer = one_answer(answer, 1000).unwrap();
    assert_eq!(
        (answer.status, answer.header("location")),
        (302, Some("http://127.0.0.1:9/elsewhere"))
    );
}

#[test]
fn errors_show_nothing_of_the_request() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let mut request = Request::new(Method::Get, format!("http://{address}/"));
    request
        .headers
        .push(("Cookie", format!("user_session={SESSION}\r\nX: y")));
    let injected = HttpTransport::default().send(&request).unwrap_err();
    request.headers.clear();
    let refused = HttpTransport::default().send(&request).unwrap_err();
    assert!(!injected.is_transient() && refused.is_transient());
    for error in [injected, refused] {
        assert!(!format!("{error} {error:?}").contains(SESSION));
    }
}
