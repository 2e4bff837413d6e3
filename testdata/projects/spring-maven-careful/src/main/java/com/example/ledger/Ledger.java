package com.example.ledger;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

@SpringBootApplication
public class Ledger {
  public static void main(String[] args) {
    SpringApplication.run(Ledger.class, args);
  }
}
